/* A directory of its own for each test. */
#ifndef TESTS_UNIT_STORE_SUPPORT_H
#define TESTS_UNIT_STORE_SUPPORT_H

#include <stddef.h>

/* Makes it below the system's temporary directory; the path is static. */
const char *test_dir(void);
/* The path of name in it; static, four at a time. */
const char *test_path(const char *name);
void test_dir_remove(void);
/* Directory entries below it, all levels, that are no directories. */
size_t test_num_files(void);

#endif
