/* base/err.c - names and texts of the error table, and the trail a failure leaves on its way up. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct err_row {
    const char *name;
    const char *text;
    int exit_code;
};

#define ROW(name, exit_code, text) {#name, text, exit_code},
static const struct err_row rows[] = {TD_ERRORS(ROW)};
#undef ROW
_Static_assert(TD_COUNT(rows) == TD_ERR_COUNT, "one row per error");

static const struct err_row *find_row(enum td_err err)
{
    static const struct err_row unknown = {"TD_E?", "unknown error", 1};
    return (unsigned)err < TD_ERR_COUNT ? &rows[err] : &unknown;
}

const char *td_err_name(enum td_err err)
{
    return find_row(err)->name;
}

const char *td_err_text(enum td_err err)
{
    return find_row(err)->text;
}

int td_err_exit(enum td_err err)
{
    return find_row(err)->exit_code;
}

static void mark_cut(struct td_fail *why)
{
    (void)snprintf(why->text + sizeof why->text - 4, 4, "...");
}

/* What a file or a peer said is part of the story; it stays one line of text whatever they said. */
static void keep_one_line(struct td_fail *why)
{
    for (char *p = why->text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = '?';
}

enum td_err td_fail_set(struct td_fail *why, enum td_err err, const char *format, ...)
{
    if (!why)
        return err;
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    if (n < 0)
        why->text[0] = '\0';
    else if ((size_t)n >= sizeof why->text)
        mark_cut(why);
    keep_one_line(why);
    why->code = err;
    return err;
}

enum td_err td_fail_add(struct td_fail *why, enum td_err err, const char *format, ...)
{
    if (!why)
        return err;
    char inner[sizeof why->text];
    memcpy(inner, why->text, sizeof inner);
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    const size_t used = n < 0 ? 0 : (size_t)n;
    if (used + 2 >= sizeof why->text) {
        mark_cut(why);
    } else if (inner[0]) {
        const int m = snprintf(why->text + used, sizeof why->text - used, ": %s", inner);
        if (m < 0 || (size_t)m >= sizeof why->text - used)
            mark_cut(why);
    }
    keep_one_line(why);
    why->code = err;
    return err;
}
