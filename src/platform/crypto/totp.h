/*
 * One-time codes of a second factor: TOTP (RFC 6238) with SHA-1, 30 seconds and 6 digits, which
 * every authenticator program knows; base32 of its secrets, and the QR code that hands one over.
 */
#ifndef PLATFORM_CRYPTO_TOTP_H
#define PLATFORM_CRYPTO_TOTP_H

#include "base/scope.h"

#define TOTP_SECRET_BYTES 20 /* as long as the hash, RFC 4226 section 4 */
#define TOTP_DIGITS 6
#define TOTP_STEP (30 * USEC_SECOND)
#define TOTP_STEPS_OFF 1 /* clocks may differ by one step either way */

/** The code of an instant (since 1970); TOTP_DIGITS digits in the arena. */
str totp_code(struct arena *arena, const uint8_t secret[TOTP_SECRET_BYTES], usec at);

/**
 * Whether code is that of now or of a step beside it, and of a later step than used: no code is
 * right twice. ret_step: number of its step, to be kept as used. Comparisons take constant time.
 */
bool totp_check(struct arena *arena, const uint8_t secret[TOTP_SECRET_BYTES], str code, usec now,
                int64_t used, int64_t *ret_step);

/** Base32 without padding (RFC 4648 section 6). */
str base32_encode(struct arena *arena, const uint8_t *bytes, size_t n);

/** False when text is not base32 of exactly n bytes. */
bool base32_decode(str text, uint8_t *ret_bytes, size_t n);

/**
 * Text as a QR code: an SVG document with fill="currentColor" and the quiet zone of four modules.
 * Text of more than 1000 bytes is a bug of ours.
 */
str qr_svg(struct arena *arena, str text);

#endif
