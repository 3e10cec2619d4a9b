/* store/xlsx.c - the archive and the workbook's list of sheets. */
#include "store/xlsx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/xlsx_inner.h"

#ifdef TD_WITH_XLSX

/* ---- the workbook ---- */

/* A target as the name of its part: from the root, or from the folder of the part that names it. */
static bool resolve(const char *from, const char *target, char *out, size_t cap)
{
    const char *slash = strrchr(from, '/');
    const int folder = slash ? (int)(slash - from + 1) : 0;
    if (strncmp(target, "./", 2) == 0)
        target += 2;
    const int n = target[0] == '/' ? snprintf(out, cap, "%s", target + 1)
                                   : snprintf(out, cap, "%.*s%s", folder, from, target);
    return n > 0 && n < (int)cap;
}

static enum td_xlsx_rel kind_of(const char *type)
{
    static const struct {
        const char *word;
        enum td_xlsx_rel kind;
    } kinds[] = {{"officeDocument", TD_REL_BOOK},
                 {"worksheet", TD_REL_SHEET},
                 {"sharedStrings", TD_REL_SHARED},
                 {"styles", TD_REL_STYLES}};
    const char *slash = strrchr(type, '/');
    for (size_t i = 0; i < TD_COUNT(kinds); i++)
        if (strcmp(slash ? slash + 1 : type, kinds[i].word) == 0)
            return kinds[i].kind;
    return TD_REL_OTHER;
}

static void on_relation(struct td_xml *xml, const char *name, const char **atts)
{
    struct td_xlsx *x = xml->x;
    const char *id = td_xml_attribute(atts, "Id"), *type = td_xml_attribute(atts, "Type"),
               *target = td_xml_attribute(atts, "Target"),
               *mode = td_xml_attribute(atts, "TargetMode");
    if (strcmp(name, "Relationship") != 0 || !id || !type || !target ||
        (mode && strcmp(mode, "External") == 0) || kind_of(type) == TD_REL_OTHER)
        return;
    struct td_xlsx_relation *r = &x->rels[x->rel_count];
    if (x->rel_count == TD_XLSX_RELS_MAX)
        td_xml_stop(xml, TD_ERANGE, "more than %d relations", TD_XLSX_RELS_MAX);
    else if (snprintf(r->id, sizeof r->id, "%s", id) >= (int)sizeof r->id ||
             !resolve(xml->arg, target, r->part, sizeof r->part))
        td_xml_stop(xml, TD_EPARSE, "a relation's name is too long");
    else
        r->kind = kind_of(type);
    x->rel_count += xml->err == TD_OK;
}

static void ignore_end(struct td_xml *xml, const char *name)
{
    (void)xml;
    (void)name;
}

static const struct td_xml_rules relation_rules = {on_relation, ignore_end};

static const struct td_xlsx_relation *find_relation(const struct td_xlsx *x, enum td_xlsx_rel kind,
                                                    const char *id)
{
    for (size_t i = 0; i < x->rel_count; i++)
        if (x->rels[i].kind == kind && (!id || strcmp(x->rels[i].id, id) == 0))
            return &x->rels[i];
    return NULL;
}

static void on_workbook(struct td_xml *xml, const char *name, const char **atts)
{
    struct td_xlsx *x = xml->x;
    if (strcmp(name, "workbookPr") == 0) {
        const char *v = td_xml_attribute(atts, "date1904");
        x->since_1904 = v && (strcmp(v, "1") == 0 || strcmp(v, "true") == 0);
        return;
    }
    const char *title = td_xml_attribute(atts, "name"), *rel = td_xml_attribute(atts, "id");
    if (strcmp(name, "sheet") != 0 || !title || !rel)
        return;
    const struct td_xlsx_relation *r = find_relation(x, TD_REL_SHEET, rel);
    if (!r) /* a chart or macro sheet */
        return;
    struct td_xlsx_sheet *s = &x->sheets[x->sheet_count];
    if (x->sheet_count == TD_XLSX_SHEETS_MAX) {
        td_xml_stop(xml, TD_ERANGE, "more than %d sheets", TD_XLSX_SHEETS_MAX);
    } else if (snprintf(s->name, sizeof s->name, "%s", title) >= (int)sizeof s->name) {
        td_xml_stop(xml, TD_EPARSE, "a sheet's name is too long");
    } else {
        memcpy(s->part, r->part, sizeof s->part);
        x->sheet_count++;
    }
}

static const struct td_xml_rules workbook_rules = {on_workbook, ignore_end};

static enum td_err read_relations(struct td_xlsx *x, const char *of, struct td_fail *why)
{
    char part[400], from[320];
    const char *slash = strrchr(of, '/');
    const int folder = slash ? (int)(slash - of + 1) : 0;
    (void)snprintf(from, sizeof from, "%s", of);
    (void)snprintf(part, sizeof part, "%.*s_rels/%s.rels", folder, of, of + folder);
    x->rel_count = 0;
    return td_xlsx_parse(x, part, &relation_rules, from, why);
}

static enum td_err read_workbook(struct td_xlsx *x, struct td_fail *why)
{
    enum td_err err = read_relations(x, "", why);
    const struct td_xlsx_relation *r = err ? NULL : find_relation(x, TD_REL_BOOK, NULL);
    (void)snprintf(x->book, sizeof x->book, "%s", r ? r->part : "xl/workbook.xml");
    const size_t n = strlen(x->book);
    if (!err && n > 4 && strcmp(x->book + n - 4, ".bin") == 0)
        return td_fail_set(why, TD_EUNSUP, "%s: a binary workbook (.xlsb); save it as .xlsx",
                           x->name);
    if (!err)
        err = read_relations(x, x->book, why);
    if (!err)
        err = td_xlsx_parse(x, x->book, &workbook_rules, NULL, why);
    if (!err && x->sheet_count == 0)
        err = td_fail_set(why, TD_EPARSE, "%s: a workbook without sheets", x->name);
    r = find_relation(x, TD_REL_SHARED, NULL);
    if (!err && r)
        err = td_xlsx_read_shared(x, r->part, why);
    r = find_relation(x, TD_REL_STYLES, NULL);
    if (!err && r)
        err = td_xlsx_read_styles(x, r->part, why);
    return err;
}

/* ---- open and close ---- */

static enum td_err open_archive(struct td_xlsx *x, struct td_str bytes, struct td_fail *why)
{
    zip_error_t problem;
    if (td_str_starts(bytes, "\xd0\xcf\x11\xe0"))
        return td_fail_set(why, TD_EUNSUP,
                           "%s: an old .xls workbook, or one with a password; save it as .xlsx "
                           "without one",
                           x->name);
    if (!td_str_starts(bytes, "PK"))
        return td_fail_set(why, TD_EPARSE, "%s: not a workbook (no zip archive at byte 0)",
                           x->name);
    zip_error_init(&problem);
    zip_source_t *source = zip_source_buffer_create(bytes.p, bytes.len, 0, &problem);
    x->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &problem) : NULL;
    if (!x->zip) {
        zip_source_free(source);
        (void)td_fail_set(why, TD_EPARSE, "%s: the archive is damaged: %s", x->name,
                          zip_error_strerror(&problem));
        zip_error_fini(&problem);
        return TD_EPARSE;
    }
    zip_error_fini(&problem);
    return TD_OK;
}

enum td_err td_xlsx_open_bytes(struct td_xlsx **out, struct td_str bytes, const char *name,
                               struct td_fail *why)
{
    struct td_xlsx *x = calloc(1, sizeof *x);
    if (x)
        x->text = malloc(TD_XLSX_CELL_MAX);
    if (!x || !x->text) {
        free(x);
        return td_fail_set(why, TD_ENOMEM, "%s: out of memory", name);
    }
    x->name = name;
    td_pool_init(&x->texts, TD_XLSX_TEXT_MAX);
    enum td_err err = open_archive(x, bytes, why);
    if (!err)
        err = read_workbook(x, why);
    if (err == TD_ENOENT)
        err = TD_EPARSE; /* a part is missing, not the file */
    if (err)
        td_xlsx_close(x);
    else
        *out = x;
    return err;
}

static enum td_err read_file(struct td_world *world, const char *path, struct td_str *out,
                             struct td_fail *why)
{
    struct td_file file = {0};
    uint64_t size = 0;
    size_t got = 0;
    char *bytes = NULL;
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &file, why);
    if (err)
        return err;
    err = td_file_size(world, file, &size);
    if (!err && size > TD_XLSX_FILE_MAX)
        err = TD_ERANGE;
    if (!err && !(bytes = malloc(size ? (size_t)size : 1)))
        err = TD_ENOMEM;
    if (!err)
        err = td_file_read(world, file, 0, bytes, (size_t)size, &got);
    td_file_close(world, file);
    if (err) {
        free(bytes);
        return td_fail_set(why, err, "%s: %s", path, td_err_text(err));
    }
    *out = (struct td_str){bytes, got};
    return TD_OK;
}

enum td_err td_xlsx_open(struct td_xlsx **out, struct td_world *world, const char *path,
                         struct td_fail *why)
{
    struct td_str bytes;
    struct td_xlsx *x = NULL;
    enum td_err err = read_file(world, path, &bytes, why);
    if (err)
        return err;
    union {
        const char *in;
        void *out;
    } block = {bytes.p};
    err = td_xlsx_open_bytes(&x, bytes, path, why);
    if (err) {
        free(block.out);
        return err;
    }
    x->file = block.out;
    *out = x;
    return TD_OK;
}

void td_xlsx_close(struct td_xlsx *x)
{
    if (!x)
        return;
    if (x->zip)
        zip_discard(x->zip);
    td_pool_fini(&x->texts);
    free(x->shared);
    free(x->text);
    free(x->file);
    free(x);
}

size_t td_xlsx_sheets(const struct td_xlsx *x)
{
    return x->sheet_count;
}

const char *td_xlsx_sheet_name(const struct td_xlsx *x, size_t sheet)
{
    return sheet < x->sheet_count ? x->sheets[sheet].name : NULL;
}

int td_xlsx_sheet_find(const struct td_xlsx *x, const char *name)
{
    for (size_t i = 0; i < x->sheet_count; i++)
        if (strcmp(x->sheets[i].name, name) == 0)
            return (int)i;
    return -1;
}

uint64_t td_xlsx_uncached(const struct td_xlsx *x)
{
    return x->uncached;
}

#else /* built without libzip or expat */

enum td_err td_xlsx_open(struct td_xlsx **out, struct td_world *world, const char *path,
                         struct td_fail *why)
{
    (void)out;
    (void)world;
    return td_fail_set(why, TD_EUNSUP,
                       "%s: this build reads no workbooks; build with -DTD_XLSX=ON (libzip and "
                       "expat), or save it as CSV",
                       path);
}

enum td_err td_xlsx_open_bytes(struct td_xlsx **out, struct td_str bytes, const char *name,
                               struct td_fail *why)
{
    (void)bytes;
    return td_xlsx_open(out, NULL, name, why);
}

void td_xlsx_close(struct td_xlsx *x)
{
    (void)x;
}

size_t td_xlsx_sheets(const struct td_xlsx *x)
{
    (void)x;
    return 0;
}

const char *td_xlsx_sheet_name(const struct td_xlsx *x, size_t sheet)
{
    (void)x;
    (void)sheet;
    return NULL;
}

int td_xlsx_sheet_find(const struct td_xlsx *x, const char *name)
{
    (void)x;
    (void)name;
    return -1;
}

uint64_t td_xlsx_uncached(const struct td_xlsx *x)
{
    (void)x;
    return 0;
}

#endif
