/* Numbers as digits, and back. No locale, no stdio. */
#ifndef TREEFALL_BASE_TEXT_H
#define TREEFALL_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_DECIMAL_BYTES 21 /* for the largest number, with its NUL */

/* Writes the decimal digits, NUL-terminated. Returns how many there are. */
size_t text_decimal(char out[TEXT_DECIMAL_BYTES], uint64_t number);
/* Writes exactly `width` decimal digits, with leading zeros and no NUL. */
void text_field(char *out, unsigned number, size_t width);
/* Writes the lowest `width` hexadecimal digits of a number, without a NUL. */
void text_hex(char *out, uint64_t number, size_t width);
/* Writes two hexadecimal digits for each byte, NUL-terminated. */
void text_hex_bytes(char *out, const unsigned char *bytes, size_t count);
/* Whether the text is exactly this many hexadecimal digits, in the form that we write. */
bool text_is_hex(const char *text, size_t digits);
/* Reads decimal digits and moves behind them. 0 if there are none. */
uint64_t text_number(const char **text);
/* The same if the whole text is a number, and it fits. */
bool text_to_number(const char *text, size_t length, uint64_t *out);

#endif
