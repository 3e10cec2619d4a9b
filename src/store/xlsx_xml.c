/* store/xlsx_xml.c - the parts of a workbook through the XML parser, with every bound. */
#include "store/xlsx_inner.h"

#ifdef TD_WITH_XLSX
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

const char *td_xml_attribute(const char **atts, const char *name)
{
    for (; *atts; atts += 2)
        if (strcmp(local_name(atts[0]), name) == 0)
            return atts[1];
    return NULL;
}

void td_xml_stop(struct td_xml *xml, enum td_err err, const char *format, ...)
{
    char text[240];
    va_list args;
    if (xml->err)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    xml->err = td_fail_set(xml->why, err, "%s: %s line %lu: %s", xml->x->name, xml->part,
                           (unsigned long)XML_GetCurrentLineNumber(xml->parser), text);
    (void)XML_StopParser(xml->parser, XML_FALSE);
}

static void XMLCALL on_start(void *arg, const XML_Char *name, const XML_Char **atts)
{
    struct td_xml *xml = arg;
    if (++xml->depth > TD_XLSX_DEPTH_MAX)
        td_xml_stop(xml, TD_ERANGE, "elements nest deeper than %d", TD_XLSX_DEPTH_MAX);
    if (!xml->err)
        xml->rules->start(xml, local_name(name), atts);
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
    struct td_xml *xml = arg;
    xml->depth--;
    if (!xml->err)
        xml->rules->end(xml, local_name(name));
}

static void XMLCALL on_text(void *arg, const XML_Char *bytes, int len)
{
    struct td_xml *xml = arg;
    struct td_xlsx *x = xml->x;
    if (!xml->gather || xml->err)
        return;
    if ((size_t)len > TD_XLSX_CELL_MAX - x->text_len) {
        td_xml_stop(xml, TD_ERANGE, "a text of more than %zu bytes", TD_XLSX_CELL_MAX);
        return;
    }
    memcpy(x->text + x->text_len, bytes, (size_t)len);
    x->text_len += (size_t)len;
}

static void XMLCALL on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public_id, int internal)
{
    (void)name;
    (void)system;
    (void)public_id;
    (void)internal;
    td_xml_stop(arg, TD_EPARSE, "a document type; workbooks have none");
}

void td_xml_gather(struct td_xml *xml)
{
    xml->gather = true;
}

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char low = (char)(c | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* The code of "_xHHHH_" at p; 0 when it is none (or a surrogate, which stays as written). */
static uint32_t escape_at(const char *p, size_t left)
{
    uint32_t code = 0;
    if (left < 7 || p[0] != '_' || p[1] != 'x' || p[6] != '_')
        return 0;
    for (int i = 2; i < 6; i++) {
        if (hex_of(p[i]) < 0)
            return 0;
        code = code * 16 + (uint32_t)hex_of(p[i]);
    }
    return code >= 0xd800 && code <= 0xdfff ? 0 : code;
}

static size_t put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3f));
    out[2] = (char)(0x80 | (code & 0x3f));
    return 3;
}

struct td_str td_xml_text(struct td_xml *xml)
{
    struct td_xlsx *x = xml->x;
    char *t = x->text;
    size_t n = 0;
    for (size_t i = 0; i < x->text_len;) {
        const uint32_t code = escape_at(t + i, x->text_len - i);
        if (code) {
            n += put_utf8(t + n, code); /* shorter than the escape */
            i += 7;
        } else {
            t[n++] = t[i++];
        }
    }
    xml->gather = false;
    x->text_len = 0;
    return (struct td_str){t, n};
}

static enum td_err feed(struct td_xml *xml, zip_file_t *f)
{
    enum { CHUNK = 65536 };
    uint64_t bytes = 0;
    for (;;) {
        void *buf = XML_GetBuffer(xml->parser, CHUNK);
        if (!buf)
            return td_fail_set(xml->why, TD_ENOMEM, "%s: out of memory", xml->x->name);
        const zip_int64_t got = zip_fread(f, buf, CHUNK);
        if (got < 0)
            return td_fail_set(xml->why, TD_EPARSE, "%s: %s is damaged after byte %llu",
                               xml->x->name, xml->part, (unsigned long long)bytes);
        bytes += (uint64_t)got;
        xml->x->unpacked += (uint64_t)got;
        if (bytes > TD_XLSX_PART_MAX || xml->x->unpacked > TD_XLSX_ALL_MAX)
            return td_fail_set(xml->why, TD_ERANGE, "%s: %s unpacks to more than is possible",
                               xml->x->name, xml->part);
        if (XML_ParseBuffer(xml->parser, (int)got, got == 0) != XML_STATUS_OK)
            break;
        if (got == 0)
            return xml->err;
    }
    if (xml->err)
        return xml->err;
    return td_fail_set(xml->why, TD_EPARSE, "%s: %s line %lu: %s", xml->x->name, xml->part,
                       (unsigned long)XML_GetCurrentLineNumber(xml->parser),
                       XML_ErrorString(XML_GetErrorCode(xml->parser)));
}

enum td_err td_xlsx_parse(struct td_xlsx *x, const char *part, const struct td_xml_rules *rules,
                          void *arg, struct td_fail *why)
{
    struct td_xml xml = {.x = x, .arg = arg, .rules = rules, .part = part, .why = why};
    const zip_int64_t entry = zip_name_locate(x->zip, part, ZIP_FL_NOCASE);
    if (entry < 0)
        return td_fail_set(why, TD_ENOENT, "%s: the part %s is missing", x->name, part);
    zip_file_t *f = zip_fopen_index(x->zip, (zip_uint64_t)entry, 0);
    if (!f)
        return td_fail_set(why, TD_EPARSE, "%s: %s cannot be unpacked: %s", x->name, part,
                           zip_strerror(x->zip));
    xml.parser = XML_ParserCreate(NULL);
    enum td_err err = TD_ENOMEM;
    if (xml.parser) {
        XML_SetUserData(xml.parser, &xml);
        XML_SetElementHandler(xml.parser, on_start, on_end);
        XML_SetCharacterDataHandler(xml.parser, on_text);
        XML_SetStartDoctypeDeclHandler(xml.parser, on_doctype);
        x->text_len = 0;
        err = feed(&xml, f);
        XML_ParserFree(xml.parser);
    }
    (void)zip_fclose(f);
    return err;
}
#endif
