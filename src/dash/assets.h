/* dash/assets.h - the files of the page, compiled into the program: nothing is read from the disk to serve them.
 *
 * The table is written by tools/embed.c when the program is built, from web/dist when it is there (npm made it), else from
 * src/dash/page, a plain page that says how to build the real one.
 */
#ifndef TD_DASH_ASSETS_H
#define TD_DASH_ASSETS_H

#include "base/text.h"

struct td_asset {
    const char *path; /* "/assets/index-3f2a.js" */
    const char *type; /* Content-Type */
    const uint8_t *bytes;
    size_t len;
    const uint8_t *gzip; /* the same, packed; NULL: it would not be smaller */
    size_t gzip_len;
};

/* Ends with a row without path. */
extern const struct td_asset td_assets[];

/* The file of a path; "/" and paths of the page's own views are its first file. NULL: there is none. */
const struct td_asset *td_asset_find(struct td_str path);

#endif
