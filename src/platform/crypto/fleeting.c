#include "platform/crypto/fleeting.h"

#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/bug.h"

struct fleeting_key {
    uint8_t bytes[SECRET_BYTES];
};

void *private_memory(size_t bytes)
{
    void *memory = sodium_malloc(bytes);
    if (!memory) {
        bug_out_of_memory(bytes);
    }
    memset(memory, 0, bytes);
    return memory;
}

void private_memory_free(void *memory)
{
    sodium_free(memory);
}

/* The limit alone does not count where the kernel hands dumps to a program. */
void process_forbid_dumps(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

struct fleeting_key *fleeting_key_new(void)
{
    struct fleeting_key *key = private_memory(sizeof(*key));
    fleeting_key_renew(key);
    return key;
}

void fleeting_key_free(struct fleeting_key *key)
{
    private_memory_free(key);
}

void fleeting_key_set(struct fleeting_key *key, const uint8_t bytes[SECRET_BYTES])
{
    memcpy(key->bytes, bytes, sizeof(key->bytes));
}

void fleeting_key_renew(struct fleeting_key *key)
{
    sodium_memzero(key->bytes, sizeof(key->bytes));
    randombytes_buf(key->bytes, sizeof(key->bytes));
}

uint64_t fleeting_mark(const struct fleeting_key *key, str text)
{
    uint8_t digest[crypto_generichash_BYTES_MIN];
    uint64_t mark;
    crypto_generichash(digest, sizeof(digest), (const uint8_t *)text.p, text.n, key->bytes, sizeof(key->bytes));
    memcpy(&mark, digest, sizeof(mark));
    sodium_memzero(digest, sizeof(digest));
    return mark ? mark : 1;
}
