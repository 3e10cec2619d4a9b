/* sys/terminal.h - the progress line: in place on a terminal's stderr, nothing elsewhere. */
#ifndef TD_SYS_TERMINAL_H
#define TD_SYS_TERMINAL_H

#include "base/defs.h"

/* True when stderr is a terminal. */
bool td_terminal(void);
/* True when stdout is a terminal. */
bool td_terminal_out(void);
/* Shows one line in place of the last one (cut at 160 characters); an empty text clears it. */
void td_progress(const char *format, ...) TD_PRINTF(1, 2);

#endif
