#include "platform/crypto/crypto.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/bug.h"

void crypto_start(void)
{
    bug_if(sodium_init() < 0);
}

void random_bytes(void *out, size_t n)
{
    randombytes_buf(out, n);
}

str random_text(struct arena *arena, str alphabet, size_t n)
{
    bug_if(alphabet.n < 2 || alphabet.n > 256);
    size_t limit = 256 - 256 % alphabet.n;
    char *text = arena_alloc(arena, n + 1);
    uint8_t drawn[64];
    size_t used = sizeof(drawn);
    for (size_t i = 0; i < n;) {
        if (used == sizeof(drawn)) {
            randombytes_buf(drawn, sizeof(drawn));
            used = 0;
        }
        size_t number = drawn[used++];
        if (number < limit) {
            text[i++] = alphabet.p[number % alphabet.n];
        }
    }
    sodium_memzero(drawn, sizeof(drawn));
    return (str){text, n};
}

void digest_sha256(str text, uint8_t ret_digest[DIGEST_BYTES])
{
    crypto_hash_sha256(ret_digest, (const uint8_t *)text.p, text.n);
}

struct digest {
    crypto_hash_sha256_state state;
};

struct digest *digest_open(void)
{
    struct digest *digest = malloc(sizeof(*digest));
    if (!digest) {
        bug_out_of_memory(sizeof(*digest));
    }
    crypto_hash_sha256_init(&digest->state);
    return digest;
}

void digest_feed(struct digest *digest, str bytes)
{
    crypto_hash_sha256_update(&digest->state, (const uint8_t *)bytes.p, bytes.n);
}

void digest_finish(struct digest *digest, uint8_t ret_digest[DIGEST_BYTES])
{
    crypto_hash_sha256_final(&digest->state, ret_digest);
}

void digest_close(struct digest *digest)
{
    free(digest);
}

void digest_hmac(const uint8_t key[SECRET_BYTES], str text, uint8_t ret_digest[DIGEST_BYTES])
{
    crypto_auth_hmacsha256(ret_digest, (const uint8_t *)text.p, text.n, key);
}

void key_derive(const uint8_t master[SECRET_BYTES], str purpose, uint8_t ret_key[SECRET_BYTES])
{
    digest_hmac(master, purpose, ret_key);
}

bool equal_in_constant_time(str a, str b)
{
    return a.n == b.n && (a.n == 0 || sodium_memcmp(a.p, b.p, a.n) == 0);
}

str hex_encode(struct arena *arena, const uint8_t *bytes, size_t n)
{
    char *text = arena_alloc(arena, 2 * n + 1);
    sodium_bin2hex(text, 2 * n + 1, bytes, n);
    return (str){text, 2 * n};
}

str base64_encode(struct arena *arena, const uint8_t *bytes, size_t n)
{
    size_t size = sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = arena_alloc(arena, size);
    sodium_bin2base64(text, size, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_from(text);
}

bool base64_decode(str text, uint8_t *ret_bytes, size_t n)
{
    size_t length = 0;
    const char *end = NULL;
    return text.n &&
           sodium_base642bin(ret_bytes, n, text.p, text.n, NULL, &length, &end,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           end == text.p + text.n && length == n;
}

bool base64_decode_any(struct arena *arena, str text, str *ret_bytes)
{
    size_t room = text.n / 4 * 3 + 3;
    uint8_t *bytes = arena_alloc(arena, room);
    size_t length = 0;
    const char *end = NULL;
    if (text.n == 0 || sodium_base642bin(bytes, room, text.p, text.n, NULL, &length, &end,
                                         sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != text.p + text.n) {
        return false;
    }
    *ret_bytes = (str){(const char *)bytes, length};
    return true;
}

/* ---- signatures ---- */

static void expand(const uint8_t seed[SECRET_BYTES], uint8_t public[PUBLIC_KEY_BYTES],
                   uint8_t secret[crypto_sign_SECRETKEYBYTES])
{
    crypto_sign_seed_keypair(public, secret, seed);
}

void signature_public_key(const uint8_t seed[SECRET_BYTES], uint8_t ret_key[PUBLIC_KEY_BYTES])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    expand(seed, ret_key, secret);
    sodium_memzero(secret, sizeof(secret));
}

void signature_make(const uint8_t seed[SECRET_BYTES], str text,
                    uint8_t ret_signature[SIGNATURE_BYTES])
{
    uint8_t public[PUBLIC_KEY_BYTES];
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    expand(seed, public, secret);
    crypto_sign_detached(ret_signature, NULL, (const uint8_t *)text.p, text.n, secret);
    sodium_memzero(secret, sizeof(secret));
}

bool signature_verify(const uint8_t key[PUBLIC_KEY_BYTES], str text,
                      const uint8_t signature[SIGNATURE_BYTES])
{
    return crypto_sign_verify_detached(signature, (const uint8_t *)text.p, text.n, key) == 0;
}

/* ---- sealing ---- */

str seal(struct arena *arena, const uint8_t key[SECRET_BYTES], str text)
{
    size_t n = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + text.n;
    uint8_t *sealed = arena_alloc(arena, n);
    randombytes_buf(sealed, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(sealed + crypto_secretbox_NONCEBYTES, (const uint8_t *)text.p, text.n,
                          sealed, key);
    return (str){(const char *)sealed, n};
}

bool unseal(struct arena *arena, const uint8_t key[SECRET_BYTES], str sealed, str *ret_text)
{
    size_t overhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    if (sealed.n < overhead) {
        return false;
    }
    const uint8_t *bytes = (const uint8_t *)sealed.p;
    uint8_t *text = arena_alloc(arena, sealed.n - overhead + 1);
    if (crypto_secretbox_open_easy(text, bytes + crypto_secretbox_NONCEBYTES,
                                   sealed.n - crypto_secretbox_NONCEBYTES, bytes, key) != 0) {
        return false;
    }
    *ret_text = (str){(const char *)text, sealed.n - overhead};
    return true;
}
