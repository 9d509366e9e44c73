#include "domain/ingest/long_line.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "platform/i18n/explanation.h"
#include "platform/pack/unpack.h"

#define LOOKED_AT (2 * (uint64_t)LIMIT_LINE_BYTES)

/* Where the text is: the number of its line, and how much of that line has come. */
struct measure {
    uint64_t line, bytes, all;
};

static bool is_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Whether all lines are short enough. */
static bool feed(struct measure *measure, str text)
{
    measure->all += text.n;
    for (size_t i = 0; i < text.n && measure->bytes <= LIMIT_LINE_BYTES; i++) {
        measure->line += text.p[i] == '\n';
        measure->bytes = is_end(text.p[i]) ? 0 : measure->bytes + 1;
    }
    return measure->bytes <= LIMIT_LINE_BYTES;
}

static enum err look(struct scope *scope, int file, const char *shown, struct unpacker *unpacker, struct buf *text)
{
    struct measure measure = {0};
    char *block = arena_alloc(&scope->arena, UNPACK_PIECE_BYTES);
    ssize_t n = 1;
    for (off_t at = 0; n > 0 && measure.all < LOOKED_AT; at += n) {
        n = pread(file, block, UNPACK_PIECE_BYTES, at);
        if (n < 0) {
            return fail(scope, ERR_FILE, "%s: it cannot be read (%s)", shown, strerror(errno));
        }
        buf_clear(text);
        TRY(unpacker_feed(scope, unpacker, (str){block, (size_t)n}, text));
        if (!feed(&measure, buf_str(text))) {
            return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_LINE_LONG,
                                 SAYS(ARG_TEXT("file", str_from(shown)),
                                      argument_digits(&scope->arena, "line", (int64_t)(measure.line + 1)),
                                      argument_digits(&scope->arena, "most", LIMIT_LINE_BYTES >> 20)));
        }
    }
    return ERR_OK;
}

enum err long_line_check(struct scope *scope, const char *path, const char *shown)
{
    char start[4];
    struct buf text cleanup_with(buf_cleanup) = {0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return fail(scope, ERR_FILE, "%s: it cannot be opened (%s)", shown, strerror(errno));
    }
    ssize_t n = pread(file, start, sizeof(start), 0);
    struct unpacker *unpacker = unpacker_open(packing_recognise((str){start, n > 0 ? (size_t)n : 0}));
    enum err result = look(scope, file, shown, unpacker, &text);
    unpacker_close(unpacker);
    close(file);
    return result;
}
