/* APPNOTE.TXT 6.3, 4.3.14 to 4.3.16. Readers differ in which of several ends they take, so all of them count. */
#include "platform/archive/zip_count.h"
#include "platform/i18n/explanation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMENT_MOST 65535
#define END_BYTES 22
#define LOCATOR_BYTES 20
#define TAIL_MOST (COMMENT_MOST + END_BYTES + LOCATOR_BYTES)
#define END_64_BYTES 56
#define OVERFLOWS 0xffff /* the number stands in the end of ZIP64, or has no room anywhere */

static uint64_t number_at(const unsigned char *bytes, size_t count)
{
    uint64_t number = 0;
    for (size_t i = count; i-- > 0;) {
        number = number << 8 | bytes[i];
    }
    return number;
}

/* The number of the end that a locator leads to; 0 when there is none. */
static uint64_t count_at_locator(int file, const unsigned char *locator)
{
    unsigned char end[END_64_BYTES];
    uint64_t at = number_at(locator + 8, 8);
    if (at > INT64_MAX || pread(file, end, sizeof(end), (off_t)at) != END_64_BYTES || memcmp(end, "PK\6\6", 4) != 0) {
        return 0;
    }
    return number_at(end + 32, 8);
}

/* The largest number of the ends in the tail. */
static uint64_t count_in(int file, const unsigned char *tail, size_t n)
{
    uint64_t most = 0;
    bool has_locator = false;
    bool overflows = false;
    for (size_t i = 0; i + LOCATOR_BYTES <= n; i++) {
        uint64_t count = 0;
        if (memcmp(tail + i, "PK\6\7", 4) == 0) {
            count = count_at_locator(file, tail + i);
            has_locator |= count > 0;
        } else if (i + END_BYTES <= n && memcmp(tail + i, "PK\5\6", 4) == 0) {
            count = number_at(tail + i + 10, 2);
            overflows |= count == OVERFLOWS;
            count = count == OVERFLOWS ? 0 : count;
        }
        most = count > most ? count : most;
    }
    return overflows && !has_locator ? UINT64_MAX : most;
}

enum err zip_check_count(struct scope *scope, const char *path, const char *shown, uint64_t most)
{
    struct stat facts;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &facts) != 0) {
        int fault = errno;
        if (file >= 0) {
            close(file);
        }
        return fail(scope, ERR_FILE, "%s: it cannot be opened (%s)", shown, strerror(fault));
    }
    size_t wanted = facts.st_size < TAIL_MOST ? (size_t)facts.st_size : TAIL_MOST;
    unsigned char *tail = arena_alloc(&scope->arena, TAIL_MOST);
    ssize_t n = pread(file, tail, wanted, facts.st_size - (off_t)wanted);
    uint64_t count = n > 0 ? count_in(file, tail, (size_t)n) : 0;
    close(file);
    return count <= most ? ERR_OK
                         : fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_ARCHIVE_ENTRIES,
                                         SAYS(ARG_TEXT("file", str_from(shown)),
                                              argument_digits(&scope->arena, "most", (int64_t)most)));
}
