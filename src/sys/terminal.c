/* sys/terminal.c - one line, redrawn. */
#include "sys/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

bool td_terminal(void)
{
    return isatty(2) == 1;
}

void td_progress(const char *format, ...)
{
    char line[161];
    va_list args;
    if (!td_terminal())
        return;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    (void)fprintf(stderr, "\r\033[K%s", line);
    (void)fflush(stderr);
}

bool td_terminal_out(void)
{
    return isatty(1) == 1;
}
