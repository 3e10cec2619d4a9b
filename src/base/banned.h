/* base/banned.h - libc calls that fail to compile here, because each has cost somebody a bug.
 *
 * Use td_text (bounded text), td_e9_parse (numbers), td_civil (time) and td_rand (random) instead.
 */
#ifndef TD_BASE_BANNED_H
#define TD_BASE_BANNED_H

/* The headers that declare them come first, so that only uses are poisoned. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok
#pragma GCC poison atoi atol atoll atof strtod strtof gmtime localtime mktime rand srand

#endif
