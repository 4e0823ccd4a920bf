/*
 * What can go wrong with what is stored: one list for the component.
 */
#ifndef STORE_ERROR_H
#define STORE_ERROR_H

enum store_error {
	STORE_OK = 0,
	STORE_NOT_FOUND,
	STORE_EXISTS,
	STORE_BAD_NAME,	  /* an id or a name that this store never gave out */
	STORE_BAD_FORMAT, /* no sealed object, or one of another version */
	STORE_TRUNCATED,  /* shorter or longer than its header says */
	STORE_TAMPERED,	  /* does not authenticate: altered, swapped, wrong key */
	STORE_RANGE,	  /* outside the object */
	STORE_KEY_MISSING,
	STORE_KEY_BAD, /* a key file of wrong length or open to others */
	STORE_NO_SPACE,
	STORE_NO_MEMORY,
	STORE_IO /* anything else of the system; errno tells more */
};

/* The stable code, as "store-tampered"; "ok" for STORE_OK. */
const char *store_error_text(enum store_error);
const char *store_error_sentence(enum store_error);
/* The kind of an errno. */
enum store_error store_error_of(int errnum);

#endif
