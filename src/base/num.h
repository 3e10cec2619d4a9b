/* base/num.h - money, prices and sizes as 64-bit fixed point, 1e-9 of a unit.
 *
 * Text is read and written digit by digit, never through a float. Every arithmetic function is
 * checked: on TD_ERANGE the output is untouched. The distinct one-field structs make the compiler
 * refuse price + quantity. Unset is TD_E9_NONE (INT64_MAX), which no arithmetic accepts.
 * Source of the scale: Databento DBN prices (1e-9), enough for every IBKR tick and fractional size.
 */
#ifndef TD_BASE_NUM_H
#define TD_BASE_NUM_H

#include "base/err.h"

#define TD_E9       INT64_C(1000000000)
#define TD_E9_NONE  INT64_MAX
#define TD_E9_CHARS 24 /* longest printed value with its NUL: -9223372036.854775807 */

typedef struct {
    int64_t e9;
} td_px; /* price,    1e-9 of a currency unit  */
typedef struct {
    int64_t e9;
} td_qty; /* quantity, 1e-9 of a share/contract */
typedef struct {
    int64_t e9;
} td_cash; /* money,    1e-9 of a currency unit  */

#define TD_PX_NONE   ((td_px){TD_E9_NONE})
#define TD_QTY_NONE  ((td_qty){TD_E9_NONE})
#define TD_CASH_NONE ((td_cash){TD_E9_NONE})
#define TD_PX(n)     ((td_px){(int64_t)(n)*TD_E9}) /* whole units: TD_PX(5) is 5.0 */
#define TD_QTY(n)    ((td_qty){(int64_t)(n)*TD_E9})
#define TD_CASH(n)   ((td_cash){(int64_t)(n)*TD_E9})

static inline bool td_px_is_none(td_px px)
{
    return px.e9 == TD_E9_NONE;
}
static inline bool td_qty_is_none(td_qty qty)
{
    return qty.e9 == TD_E9_NONE;
}
static inline bool td_cash_is_none(td_cash cash)
{
    return cash.e9 == TD_E9_NONE;
}

/* Reads all of text[0..len) as a decimal number: [+-]digits[.digits][(e|E)[+-]digits].
 * Digits past the ninth decimal round half away from zero.
 * TD_EPARSE: empty or not such a number. TD_ERANGE: past +-9.2e9 (INT64_MAX itself is reserved). */
TD_MUST_CHECK enum td_err td_e9_parse(const char *text, size_t len, int64_t *out);

/* Writes the shortest exact decimal ("189.95", "-0.000000001", "100") and a NUL into
 * out[TD_E9_CHARS]; returns its length. TD_E9_NONE is written as an empty text. */
size_t td_e9_print(int64_t e9, char *out);

/* The same with a fixed number of decimals 0..9, rounded half away from zero. */
size_t td_e9_print_fixed(int64_t e9, int decimals, char *out);

/* Whole numbers. TD_EPARSE / TD_ERANGE as above. */
TD_MUST_CHECK enum td_err td_i64_parse(const char *text, size_t len, int64_t *out);
size_t td_i64_print(int64_t value, char *out); /* out[24] */

/* Checked sums and differences. TD_ERANGE on overflow or when an operand is unset. */
TD_MUST_CHECK enum td_err td_e9_add(int64_t a, int64_t b, int64_t *out);
TD_MUST_CHECK enum td_err td_e9_sub(int64_t a, int64_t b, int64_t *out);
/* a * b / 1e9 and a * 1e9 / b, rounded half away from zero, 128-bit inside. b = 0: TD_ERANGE. */
TD_MUST_CHECK enum td_err td_e9_mul(int64_t a, int64_t b, int64_t *out);
TD_MUST_CHECK enum td_err td_e9_div(int64_t a, int64_t b, int64_t *out);
/* a * b / c with the same rounding; c = 0: TD_ERANGE. */
TD_MUST_CHECK enum td_err td_i64_muldiv(int64_t a, int64_t b, int64_t c, int64_t *out);

/* a * b / c rounded the way it is told, 128-bit inside. TD_ERANGE as above. */
enum td_round { TD_ROUND_DOWN, TD_ROUND_UP, TD_ROUND_NEAR };
TD_MUST_CHECK enum td_err td_i64_muldiv_to(int64_t a, int64_t b, int64_t c, enum td_round how,
                                           int64_t *out);

/* Cash for `qty` at `px`, rounded half away from zero. TD_ERANGE past +-9.2 billion; *out untouched. */
TD_MUST_CHECK enum td_err td_notional(td_px px, td_qty qty, td_cash *out);
TD_MUST_CHECK enum td_err td_cash_add(td_cash a, td_cash b, td_cash *out);
TD_MUST_CHECK enum td_err td_cash_sub(td_cash a, td_cash b, td_cash *out);
TD_MUST_CHECK enum td_err td_qty_add(td_qty a, td_qty b, td_qty *out);
TD_MUST_CHECK enum td_err td_qty_sub(td_qty a, td_qty b, td_qty *out);

/* `px` moved to a multiple of `tick` (> 0): towards minus infinity, plus infinity, or the nearest. */
TD_MUST_CHECK enum td_err td_px_round(td_px px, td_px tick, enum td_round how, td_px *out);

/* The explicit doors between fixed point and floating point. NaN stands for unset, both ways;
 * td_e9_from_double gives TD_ERANGE for values that do not fit. */
double td_e9_to_double(int64_t e9);
TD_MUST_CHECK enum td_err td_e9_from_double(double value, int64_t *out);

#endif
