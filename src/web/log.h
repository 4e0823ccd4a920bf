/*
 * One line an event on standard error: event=NAME key=value ...; no secrets,
 * foreign text escaped.
 */
#ifndef WEB_LOG_H
#define WEB_LOG_H

void web_log(const char *event, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* For foreign text: text="..." made visible, quotes escaped, cut at 300 bytes. */
void web_log_text(const char *event, const char *text);

#endif
