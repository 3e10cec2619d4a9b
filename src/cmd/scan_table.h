/* cmd/scan_table.h - the scanner's table for people: aligned columns, "-" for what is not known, a line of counts. */
#ifndef TD_CMD_SCAN_TABLE_H
#define TD_CMD_SCAN_TABLE_H

#include "dash/scan_json.h"

#define SCAN_TABLE_LINE 200 /* bytes that a row takes at most */

/* The head, the rows and what was left out and why. Check td_text_full. */
void scan_table(const struct td_scan_view *view, struct td_text *out);

#endif
