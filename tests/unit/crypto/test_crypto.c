/* Known vectors of the digests, signatures and password hashes; randomness; the secret's file. */
#include "../directory.h"
#include "../one_scope.h"

#include <sys/stat.h>

#include "base/vec.h"
#include "platform/crypto/crypto.h"
#include "platform/crypto/password_cost.h"

static int start_tests(void **state)
{
    (void)state;
    crypto_start();
    password_set_cost(1, 8192);
    return 0;
}

static str hex(const uint8_t *bytes, size_t n)
{
    return hex_encode(&scope.arena, bytes, n);
}

static void unhex(str text, uint8_t *out)
{
    for (size_t i = 0; i < text.n / 2; i++) {
        unsigned value = 0;
        assert_int_equal(sscanf(text.p + 2 * i, "%2x", &value), 1);
        out[i] = (uint8_t)value;
    }
}

/* FIPS 180-2 appendix B, and the empty text. */
static void test_sha256(void **state)
{
    static const struct {
        str text, digest;
    } cases[] = {{S(""), S("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")},
                 {S("abc"), S("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")},
                 {S("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                  S("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")}};
    uint8_t digest[DIGEST_BYTES];
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        digest_sha256(cases[i].text, digest);
        check_text("sha256", hex(digest, sizeof(digest)), cases[i].digest);
    }
}

/* RFC 4231 case 2 has a key of four bytes; a key filled with zeros is the same to HMAC. */
static void test_hmac(void **state)
{
    uint8_t key[SECRET_BYTES] = "Jefe";
    uint8_t digest[DIGEST_BYTES];
    uint8_t derived[SECRET_BYTES];
    str expected = S("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    (void)state;
    digest_hmac(key, S("what do ya want for nothing?"), digest);
    check_text("hmac", hex(digest, sizeof(digest)), expected);
    key_derive(key, S("what do ya want for nothing?"), derived);
    check_text("derived", hex(derived, sizeof(derived)), expected);
}

/* RFC 8032 section 7.1, tests 1 and 2. */
static void test_ed25519(void **state)
{
    static const struct {
        str seed, key, text, signature;
    } cases[] = {
        {S("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
         S("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), S(""),
         S("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
           "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")},
        {S("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
         S("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"), S("r"),
         S("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
           "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        uint8_t seed[SECRET_BYTES];
        uint8_t key[PUBLIC_KEY_BYTES];
        uint8_t signature[SIGNATURE_BYTES];
        unhex(cases[i].seed, seed);
        signature_public_key(seed, key);
        check_text("key", hex(key, sizeof(key)), cases[i].key);
        signature_make(seed, cases[i].text, signature);
        check_text("signature", hex(signature, sizeof(signature)), cases[i].signature);
        assert_true(signature_verify(key, cases[i].text, signature));
        assert_false(signature_verify(key, S("other"), signature));
        signature[10] ^= 1;
        assert_false(signature_verify(key, cases[i].text, signature));
    }
}

/* argon2id of the reference program: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1. */
static void test_password_vector(void **state)
{
    str hash = S("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
                 "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
    bool right;
    bool outdated;
    (void)state;
    check_ok("verify", &scope, password_verify(&scope, S("password"), hash, &right, &outdated));
    assert_true(right);
    assert_true(outdated);
    check_ok("verify", &scope, password_verify(&scope, S("passwore"), hash, &right, &outdated));
    assert_false(right);
}

static void test_password(void **state)
{
    str hash;
    str other;
    bool right;
    bool outdated;
    (void)state;
    check_ok("hash", &scope, password_hash(&scope, S("a\0b"), &hash));
    check_ok("hash", &scope, password_hash(&scope, S("a\0b"), &other));
    assert_true(str_starts(hash, S("$argon2id$v=19$m=8,t=1,p=1$")));
    assert_false(str_eq(hash, other));
    check_ok("verify", &scope, password_verify(&scope, S("a\0b"), hash, &right, &outdated));
    assert_true(right);
    assert_false(outdated);
    check_ok("verify", &scope, password_verify(&scope, S("a\0c"), hash, &right, &outdated));
    assert_false(right);
    check_ok("verify", &scope, password_verify(&scope, S(""), S(""), &right, &outdated));
    assert_false(right);
    check_ok("verify", &scope, password_verify(&scope, S("x"), S("garbage"), &right, &outdated));
    assert_false(right);
    password_set_cost(2, 8192);
    check_ok("verify", &scope, password_verify(&scope, S("a\0b"), hash, &right, &outdated));
    password_set_cost(1, 8192);
    assert_true(right);
    assert_true(outdated);
}

/* Chi-square over an alphabet; the bound is that of one false alarm in about a billion runs. */
static void check_even(str alphabet, double bound)
{
    const size_t n = 200000;
    size_t counts[256] = {0};
    str text = random_text(&scope.arena, alphabet, n);
    double expected = (double)n / (double)alphabet.n;
    double sum = 0;
    assert_int_equal(text.n, n);
    for (size_t i = 0; i < n; i++) {
        counts[(unsigned char)text.p[i]]++;
    }
    size_t inside = 0;
    for (size_t i = 0; i < alphabet.n; i++) {
        size_t count = counts[(unsigned char)alphabet.p[i]];
        inside += count;
        sum += ((double)count - expected) * ((double)count - expected) / expected;
    }
    assert_int_equal(inside, n);
    if (sum > bound) {
        print_error("chi-square of %zu symbols: %f\n", alphabet.n, sum);
    }
    assert_true(sum <= bound);
}

/* Taking every byte modulo 36 or 62 would give sums of about 420 and 1380. */
static void test_random_text(void **state)
{
    (void)state;
    check_even(S("abcdefghijklmnopqrstuvwxyz0123456789"), 115);
    check_even(S("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), 155);
    str a = random_text(&scope.arena, S("abcdefghijklmnopqrstuvwxyz0123456789"), 32);
    str b = random_text(&scope.arena, S("abcdefghijklmnopqrstuvwxyz0123456789"), 32);
    assert_false(str_eq(a, b));
}

static void test_base64(void **state)
{
    uint8_t bytes[3];
    str any;
    (void)state;
    check_text("encode", base64_encode(&scope.arena, (const uint8_t *)"\xfb\xff\xfe", 3),
               S("-__-"));
    check_text("short", base64_encode(&scope.arena, (const uint8_t *)"f", 1), S("Zg"));
    assert_true(base64_decode(S("-__-"), bytes, 3));
    assert_false(base64_decode(S("-__-"), bytes, 2));
    assert_false(base64_decode(S("+//+"), bytes, 3));
    assert_false(base64_decode(S("-__"), bytes, 3));
    assert_false(base64_decode(S(""), bytes, 0));
    assert_true(base64_decode_any(&scope.arena, S("Zm9v"), &any));
    check_text("any", any, S("foo"));
    assert_false(base64_decode_any(&scope.arena, S("Zm9v\n"), &any));
    assert_false(base64_decode_any(&scope.arena, S("Zg=="), &any));
    assert_true(equal_in_constant_time(S("ab"), S("ab")));
    assert_false(equal_in_constant_time(S("ab"), S("ac")));
    assert_false(equal_in_constant_time(S("ab"), S("abc")));
    assert_true(equal_in_constant_time(STR_NONE, S("")));
}

static void test_seal(void **state)
{
    uint8_t key[SECRET_BYTES] = {1};
    uint8_t other[SECRET_BYTES] = {2};
    str text;
    (void)state;
    str sealed = seal(&scope.arena, key, S("a secret"));
    assert_true(str_find(sealed, S("a secret"), 0) == SIZE_MAX);
    assert_true(unseal(&scope.arena, key, sealed, &text));
    check_text("unsealed", text, S("a secret"));
    assert_false(unseal(&scope.arena, other, sealed, &text));
    for (size_t i = 0; i < sealed.n; i++) {
        str changed = exact_copy(sealed);
        ((char *)(uintptr_t)changed.p)[i] ^= 1;
        assert_false(unseal(&scope.arena, key, changed, &text));
        exact_free(changed);
        str cut = exact_copy(str_slice(sealed, 0, i));
        assert_false(unseal(&scope.arena, key, cut, &text));
        exact_free(cut);
    }
}

static void test_secret_file(void **state)
{
    struct directory directory;
    struct stat facts;
    uint8_t first[SECRET_BYTES];
    uint8_t again[SECRET_BYTES];
    (void)state;
    directory_make(&directory);
    const char *path = directory_file(&scope, &directory, "master");
    check_ok("make", &scope, secret_file(&scope, path, first));
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0600);
    assert_int_equal(facts.st_size, SECRET_BYTES);
    check_ok("read", &scope, secret_file(&scope, path, again));
    assert_memory_equal(first, again, SECRET_BYTES);

    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(secret_file(&scope, path, again), ERR_FILE);
    check_failure("open to others", &scope, ERR_FILE, "run chmod 600");
    file_write(path, S("short"));
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(secret_file(&scope, path, again), ERR_FILE);
    check_failure("short", &scope, ERR_FILE, "32 bytes are expected");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_int_equal(secret_file(&scope, path, again), ERR_FILE);
    check_failure("link", &scope, ERR_FILE, "cannot be read");
    const char *nowhere = directory_file(&scope, &directory, "none/master");
    assert_int_equal(secret_file(&scope, nowhere, again), ERR_FILE);
    check_failure("no directory", &scope, ERR_FILE, "cannot be written");
    directory_remove(&directory);
}

/* Processes that start at once end with the same secret. */
static void test_secret_file_race(void **state)
{
    struct directory directory;
    uint8_t secret[SECRET_BYTES];
    (void)state;
    directory_make(&directory);
    const char *path = directory_file(&scope, &directory, "master");
    enum { PROCESSES = 8 };
    for (int i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            const char *copy =
                directory_file(&scope, &directory, str_printf(&scope.arena, "%d", i).p);
            bool good = secret_file(&scope, path, secret) == ERR_OK;
            FILE *file = good ? fopen(copy, "we") : NULL;
            good = file && fwrite(secret, 1, sizeof(secret), file) == sizeof(secret);
            _exit(good && fclose(file) == 0 ? 0 : 1);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 1;
        wait(&status);
        assert_int_equal(status, 0);
    }
    check_ok("read", &scope, secret_file(&scope, path, secret));
    for (int i = 0; i < PROCESSES; i++) {
        const char *copy = directory_file(&scope, &directory, str_printf(&scope.arena, "%d", i).p);
        str bytes = file_read(&scope, copy);
        assert_int_equal(bytes.n, SECRET_BYTES);
        assert_memory_equal(bytes.p, secret, SECRET_BYTES);
    }
    directory_remove(&directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sha256, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_hmac, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_ed25519, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_password_vector, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_password, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_random_text, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_base64, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_seal, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_secret_file, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_secret_file_race, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, start_tests, NULL);
}
