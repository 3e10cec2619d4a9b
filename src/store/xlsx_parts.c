/* store/xlsx_parts.c - shared texts and number formats of a workbook. */
#include "store/xlsx_inner.h"

#ifdef TD_WITH_XLSX
#include <stdlib.h>
#include <string.h>

/* ---- shared texts ---- */

struct shared {
    bool inside;   /* of <si> */
    bool phonetic; /* of <rPh>: a reading aid, not text */
};

static void shared_start(struct td_xml *xml, const char *name, const char **atts)
{
    struct shared *s = xml->arg;
    (void)atts;
    if (strcmp(name, "si") == 0)
        s->inside = true;
    else if (strcmp(name, "rPh") == 0)
        s->phonetic = true;
    else if (strcmp(name, "t") == 0 && s->inside && !s->phonetic)
        td_xml_gather(xml);
}

static enum td_err add_shared(struct td_xlsx *x, struct td_str text)
{
    if (x->shared_count == x->shared_cap) {
        const size_t cap = x->shared_cap ? x->shared_cap * 2 : 1024;
        if (cap > TD_XLSX_SHARED_MAX)
            return TD_EFULL;
        struct td_str *more = realloc(x->shared, cap * sizeof *more);
        if (!more)
            return TD_ENOMEM;
        x->shared = more;
        x->shared_cap = cap;
    }
    const enum td_err err = td_pool_copy(&x->texts, text, &x->shared[x->shared_count]);
    x->shared_count += err == TD_OK;
    return err;
}

static void shared_end(struct td_xml *xml, const char *name)
{
    struct shared *s = xml->arg;
    if (strcmp(name, "rPh") == 0) {
        s->phonetic = false;
    } else if (strcmp(name, "t") == 0) {
        xml->gather = false; /* the runs of one text follow each other */
    } else if (strcmp(name, "si") == 0) {
        s->inside = false;
        const enum td_err err = add_shared(xml->x, td_xml_text(xml));
        if (err)
            td_xml_stop(xml, err == TD_EFULL ? TD_ERANGE : err, "too many shared texts");
    }
}

enum td_err td_xlsx_read_shared(struct td_xlsx *x, const char *part, struct td_fail *why)
{
    static const struct td_xml_rules rules = {shared_start, shared_end};
    struct shared s = {false, false};
    return td_xlsx_parse(x, part, &rules, &s, why);
}

/* ---- formats ---- */

static uint32_t number_of(const char *text)
{
    int64_t v = 0;
    if (!text || td_i64_parse(text, strlen(text), &v) != TD_OK || v < 0 || v > UINT32_MAX)
        return UINT32_MAX;
    return (uint32_t)v;
}

static uint8_t flags(bool date, bool span)
{
    return (uint8_t)((date ? TD_XLSX_DATE : 0) | (span ? TD_XLSX_SPAN : 0) | TD_XLSX_KNOWN);
}

static uint8_t format_flags(const struct td_xlsx *x, uint32_t id)
{
    bool span = false;
    if (id < TD_XLSX_FORMATS && x->format[id])
        return x->format[id];
    const bool date = td_format_number_is_date(id, &span);
    return flags(date, span);
}

static void styles_start(struct td_xml *xml, const char *name, const char **atts)
{
    struct td_xlsx *x = xml->x;
    bool *cells = xml->arg, span = false;
    if (strcmp(name, "cellXfs") == 0) {
        *cells = true;
    } else if (strcmp(name, "numFmt") == 0) {
        const uint32_t id = number_of(td_xml_attribute(atts, "numFmtId"));
        const char *code = td_xml_attribute(atts, "formatCode");
        if (id < TD_XLSX_FORMATS && code) {
            const bool date = td_format_is_date(td_str_of(code), &span);
            x->format[id] = flags(date, span);
        }
    } else if (strcmp(name, "xf") == 0 && *cells) {
        if (x->style_count == TD_XLSX_FORMATS)
            td_xml_stop(xml, TD_ERANGE, "more than %d cell formats", TD_XLSX_FORMATS);
        else
            x->style[x->style_count++] =
                format_flags(x, number_of(td_xml_attribute(atts, "numFmtId")));
    }
}

static void styles_end(struct td_xml *xml, const char *name)
{
    bool *cells = xml->arg;
    if (strcmp(name, "cellXfs") == 0)
        *cells = false;
}

enum td_err td_xlsx_read_styles(struct td_xlsx *x, const char *part, struct td_fail *why)
{
    static const struct td_xml_rules rules = {styles_start, styles_end};
    bool cells = false;
    return td_xlsx_parse(x, part, &rules, &cells, why);
}
#endif
