/* store/xlsx_inner.h - the workbook's inside, shared by the files xlsx*.c. */
#ifndef TD_STORE_XLSX_INNER_H
#define TD_STORE_XLSX_INNER_H

#include "store/xlsx.h"

#ifdef TD_WITH_XLSX
#include <expat.h>
#include <zip.h>

#define TD_XLSX_FILE_MAX   ((uint64_t)256 << 20)
#define TD_XLSX_PART_MAX   ((uint64_t)512 << 20)
#define TD_XLSX_ALL_MAX    ((uint64_t)1 << 30)
#define TD_XLSX_SHARED_MAX ((size_t)4 << 20)
#define TD_XLSX_TEXT_MAX   ((size_t)256 << 20)
#define TD_XLSX_CELL_MAX                                                                           \
    ((size_t)1 << 18) /* bytes of one text; Excel's limit is 32,767 characters */
#define TD_XLSX_FORMATS   65536
#define TD_XLSX_DEPTH_MAX 64
#define TD_XLSX_RELS_MAX  512
#define TD_XLSX_NAME_MAX  320 /* of a part, with its NUL */

enum td_xlsx_format { TD_XLSX_PLAIN = 0, TD_XLSX_DATE = 1, TD_XLSX_SPAN = 2, TD_XLSX_KNOWN = 4 };
enum td_xlsx_rel { TD_REL_OTHER, TD_REL_BOOK, TD_REL_SHEET, TD_REL_SHARED, TD_REL_STYLES };

struct td_xlsx_sheet {
    char name[160];
    char part[TD_XLSX_NAME_MAX]; /* name in the archive; "" until its relation is found */
    char rel[80];
};

struct td_xlsx_relation {
    char id[80];
    char part[TD_XLSX_NAME_MAX];
    enum td_xlsx_rel kind;
};

struct td_xlsx {
    const char *name; /* of the file, for messages */
    void *file;       /* malloc'd bytes when the file was read here */
    zip_t *zip;
    bool since_1904;
    size_t sheet_count;
    struct td_xlsx_sheet sheets[TD_XLSX_SHEETS_MAX];
    size_t rel_count;
    struct td_xlsx_relation rels[TD_XLSX_RELS_MAX];
    char book[TD_XLSX_NAME_MAX]; /* the workbook's part */
    struct td_str *shared;
    size_t shared_count, shared_cap;
    struct td_pool texts;
    uint8_t format[TD_XLSX_FORMATS]; /* of a numFmtId */
    uint8_t style[TD_XLSX_FORMATS];  /* of a cell's s */
    size_t style_count;
    char *text; /* [TD_XLSX_CELL_MAX] the text being gathered */
    size_t text_len;
    uint64_t unpacked;
    uint64_t uncached;
};

/* One part on its way through the parser. Handlers see local names, without prefix. */
struct td_xml {
    struct td_xlsx *x;
    void *arg;
    XML_Parser parser;
    const struct td_xml_rules *rules;
    const char *part;
    struct td_fail *why;
    enum td_err err;
    int depth;
    bool gather; /* text goes to x->text */
};

struct td_xml_rules {
    void (*start)(struct td_xml *xml, const char *name, const char **atts);
    void (*end)(struct td_xml *xml, const char *name);
};

/* Parses a part. `err` of a handler's td_xml_stop is passed on. TD_ENOENT: no such part. */
TD_MUST_CHECK enum td_err td_xlsx_parse(struct td_xlsx *x, const char *part,
                                        const struct td_xml_rules *rules, void *arg,
                                        struct td_fail *why);
/* Ends the parsing with an error and its reason, once. */
void td_xml_stop(struct td_xml *xml, enum td_err err, const char *format, ...) TD_PRINTF(3, 4);
/* Value of an attribute by its local name, or NULL. */
const char *td_xml_attribute(const char **atts, const char *name);
/* Starts to gather text; td_xml_text ends it and undoes the _xHHHH_ escapes. */
void td_xml_gather(struct td_xml *xml);
struct td_str td_xml_text(struct td_xml *xml);

TD_MUST_CHECK enum td_err td_xlsx_read_shared(struct td_xlsx *x, const char *part,
                                              struct td_fail *why);
TD_MUST_CHECK enum td_err td_xlsx_read_styles(struct td_xlsx *x, const char *part,
                                              struct td_fail *why);
#endif

#endif
