/* history/s3_xml.h - the few elements an object store's answers consist of.
 *
 * Not an XML parser: finds elements by name in documents whose form the S3 reference gives (no attributes on what we
 * read, no comments, no CDATA). What does not have that form is not found, and the caller says so.
 */
#ifndef TD_DESK_S3_XML_H
#define TD_DESK_S3_XML_H

#include "base/text.h"

/* The text inside the first <name>...</name> of *rest; *rest goes on behind it. False: none. */
bool td_s3_xml_next(struct td_str *rest, const char *name, struct td_str *inside);
/* The same without going on. */
bool td_s3_xml_get(struct td_str document, const char *name, struct td_str *inside);
/* Copies text with &amp; and its like, and with `percent` also %41, turned into what they mean. False: does not fit. */
bool td_s3_xml_text(struct td_str raw, bool percent, char *out, size_t cap);

#endif
