/*
 * Random numbers, digests, signatures and password hashes (libsodium). Nothing above this directory
 * names the library. Failing randomness ends the process: there is no fallback.
 */
#ifndef PLATFORM_CRYPTO_CRYPTO_H
#define PLATFORM_CRYPTO_CRYPTO_H

#include "base/buf.h"
#include "base/scope.h"

#define DIGEST_BYTES 32
#define SECRET_BYTES 32
#define SIGNATURE_BYTES 64
#define PUBLIC_KEY_BYTES 32

/** Must be called once before all others. Aborts when the library cannot start. */
void crypto_start(void);

/** Fills with bytes of the kernel's generator. */
void random_bytes(void *out, size_t n);

/**
 * Text of n symbols drawn without bias from an alphabet of 2 to 256 distinct bytes
 * (bytes beyond the largest multiple of its size are drawn again).
 */
str random_text(struct arena *arena, str alphabet, size_t n);

/** SHA-256 of text. */
void digest_sha256(str text, uint8_t ret_digest[DIGEST_BYTES]);

/* SHA-256 of bytes that come piece by piece. */
struct digest;
struct digest *digest_open(void); /* undone by digest_close */
void digest_feed(struct digest *digest, str bytes);
/** The digest of all bytes so far; nothing may be fed afterwards. */
void digest_finish(struct digest *digest, uint8_t ret_digest[DIGEST_BYTES]);
void digest_close(struct digest *digest); /* accepts NULL */

/** HMAC-SHA-256 of text under a key of SECRET_BYTES. */
void digest_hmac(const uint8_t key[SECRET_BYTES], str text, uint8_t ret_digest[DIGEST_BYTES]);

/** A key for one purpose, derived from a master key: HMAC(master, purpose). */
void key_derive(const uint8_t master[SECRET_BYTES], str purpose, uint8_t ret_key[SECRET_BYTES]);

/** Comparison in constant time; texts of different length are unequal. */
bool equal_in_constant_time(str a, str b);

str hex_encode(struct arena *arena, const uint8_t *bytes, size_t n);

/** URL-safe base64 without padding (RFC 4648 section 5). */
str base64_encode(struct arena *arena, const uint8_t *bytes, size_t n);

/** False when text is not what base64_encode makes, or not of exactly n bytes. */
bool base64_decode(str text, uint8_t *ret_bytes, size_t n);

/** As base64_decode, of any length. */
bool base64_decode_any(struct arena *arena, str text, str *ret_bytes);

/** Ed25519: the public key of a seed, a signature, its verification (RFC 8032). */
void signature_public_key(const uint8_t seed[SECRET_BYTES], uint8_t ret_key[PUBLIC_KEY_BYTES]);
void signature_make(const uint8_t seed[SECRET_BYTES], str text, uint8_t ret_signature[SIGNATURE_BYTES]);
bool signature_verify(const uint8_t key[PUBLIC_KEY_BYTES], str text,
                      const uint8_t signature[SIGNATURE_BYTES]);

/** Seals text so that only the holder of key can read it, and changes are noticed (XSalsa20-Poly1305). */
str seal(struct arena *arena, const uint8_t key[SECRET_BYTES], str text);

/** False when it was not sealed with this key. */
bool unseal(struct arena *arena, const uint8_t key[SECRET_BYTES], str sealed, str *ret_text);

/* ---- passwords: argon2id, 64 MiB, 3 passes (cookies-and-privacy.md 7.1) ---- */

/**
 * Hashes a password to a PHC string. At most PASSWORD_SLOTS hashes run at once, so that memory is
 * bounded; others wait until the scope's deadline. Errors: ERR_BUSY.
 */
#define PASSWORD_SLOTS 2
enum err password_hash(struct scope *scope, str password, str *ret_hash) must_check;

/**
 * Compares a password with a PHC string. hash empty: works as long as for a real one and is false,
 * so that unknown accounts take the same time. ret_outdated: parameters have risen, hash again.
 * Errors: ERR_BUSY.
 */
enum err password_verify(struct scope *scope, str password, str hash, bool *ret_right,
                         bool *ret_outdated) must_check;

/* ---- secrets of the installation ---- */

/**
 * Reads the file of SECRET_BYTES at path, or makes it (mode 0600, synced) when it is missing.
 * Errors: ERR_FILE (unreadable, of another size, readable by others: with what to do).
 */
enum err secret_file(struct scope *scope, const char *path, uint8_t ret_secret[SECRET_BYTES]) must_check;

/** Makes such a file of a given secret, in place of another. Errors: ERR_FILE. */
enum err secret_file_put(struct scope *scope, const char *path, const uint8_t secret[SECRET_BYTES])
    must_check;

#endif
