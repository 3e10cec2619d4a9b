/* base/crc.h - CRC-32C (Castagnoli), the checksum of every record tapedeck writes itself.
 *
 * Source: RFC 3720 appendix B.4. Reflected polynomial 0x82f63b78; the check value of "123456789" is
 * e3069283. Start with 0 and chain calls to continue.
 */
#ifndef TD_BASE_CRC_H
#define TD_BASE_CRC_H

#include "base/defs.h"

uint32_t td_crc32c(uint32_t crc, const void *bytes, size_t len);
/* The same without the processor's own instruction, as a processor that has none computes it. */
uint32_t td_crc32c_table(uint32_t crc, const void *bytes, size_t len);

#endif
