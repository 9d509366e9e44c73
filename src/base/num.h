/* Reading and printing numbers independently of the locale. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include "base/str.h"

#define NUM_INT_BYTES 21    /* enough for any int64 */
#define NUM_DOUBLE_BYTES 32 /* enough for any double printed by num_write_double */

/** Writes decimal digits at out (NUM_INT_BYTES of room); returns how many bytes. */
size_t num_write_int(char *out, int64_t value);

/**
 * Writes the shortest text that reads back as the same double: "12.0", "0.1", "1e+300".
 * An integral value keeps ".0" (explore-api.md 4.2). value must be finite.
 */
size_t num_write_double(char *out, double value);

/**
 * Reads a whole text as a signed 64-bit integer: optional sign, digits, nothing else.
 * False when it is something else or does not fit.
 */
bool num_read_int(str text, int64_t *ret_value);

/** Whether a text is a whole number as programs write it: no plus, no zeros before it. Addresses have one spelling. */
bool num_is_canonical(str text);

/** Reads a whole text as a decimal number ("-1.5", "2e3"; '.' only). False otherwise; never NaN or infinite. */
bool num_read_double(str text, double *ret_value);

#endif
