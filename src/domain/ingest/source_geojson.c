/*
 * GeoJSON: the features of a FeatureCollection become rows of the temporary table "raw", one by one
 * as they are read, so that memory does not grow with the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/utf8.h"
#include "domain/ingest/collection.h"
#include "domain/ingest/source.h"
#include "platform/i18n/explanation.h"
#include "platform/pack/unpack.h"

#define BLOCK_BYTES 65536
#define BATCH_BYTES ((size_t)2 << 20) /* of texts gathered before they go to the engine */
#define APPEND_BYTES                                                                               \
    ((size_t)16 << 20) /* of texts that the engine gathers before they are in the table */

struct filling {
    struct scope *scope;
    struct db_lease *lease;
    const struct ingest_options *options;
    struct db_append *append;
    size_t appended; /* bytes since append was opened */
    struct buf texts;
    size_t ends[DB_APPEND_ROWS];
    size_t rows;
};

static enum err open_append(struct filling *filling)
{
    filling->appended = 0;
    return db_append_open(filling->scope, filling->lease, S("temp"), S("raw"), &filling->append);
}

static enum err close_append(struct filling *filling)
{
    enum err result = db_append_finish(filling->scope, filling->append);
    db_append_close(filling->append);
    filling->append = NULL;
    return result;
}

static enum err append_rows(struct filling *filling)
{
    str texts[DB_APPEND_ROWS];
    struct column column = {.type = CELL_TEXT, .texts = texts};
    struct batch batch = {.rows = filling->rows, .column_count = 1, .columns = &column};
    size_t start = 0;
    for (size_t i = 0; i < filling->rows; i++) {
        texts[i] = str_slice(buf_str(&filling->texts), start, filling->ends[i]);
        start = filling->ends[i];
    }
    TRY(db_append(filling->scope, filling->append, &batch));
    if (filling->options->progress) {
        atomic_fetch_add(&filling->options->progress->rows, (int64_t)filling->rows);
    }
    filling->appended += filling->texts.n;
    filling->rows = 0;
    buf_clear(&filling->texts);
    if (filling->appended < APPEND_BYTES) {
        return ERR_OK;
    }
    TRY(close_append(filling));
    return open_append(filling);
}

static enum err take(void *user, str feature)
{
    struct filling *filling = user;
    if (!utf8_is_valid(feature)) {
        return fail_in_words_because(filling->scope, ERR_DATA, S("invalid UTF-8"), MSG_FAULT_FILE_ENCODING,
                                     SAYS(ARG_TEXT("file", str_from(filling->options->shown_path))));
    }
    if (filling->rows == DB_APPEND_ROWS ||
        (filling->rows && filling->texts.n + feature.n > BATCH_BYTES)) {
        TRY(append_rows(filling));
    }
    buf_add(&filling->texts, feature);
    filling->ends[filling->rows++] = filling->texts.n;
    return ERR_OK;
}

/* ---- the file ---- */

struct input {
    int descriptor;
    char block[BLOCK_BYTES];
    struct unpacker *unpacker;
    struct buf text;
};

/* A block, unpacked; ret_text is empty only at the end. */
static enum err read_block(struct filling *filling, struct input *input, str *ret_bytes)
{
    ssize_t n;
    TRY(scope_check(filling->scope));
    do {
        n = read(input->descriptor, input->block, BLOCK_BYTES);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return fail(filling->scope, ERR_FILE, "%s: it cannot be read (%s)",
                    filling->options->shown_path, strerror(errno));
    }
    *ret_bytes = (str){input->block, (size_t)n};
    return ERR_OK;
}

static enum err read_features(struct filling *filling, struct input *input,
                              struct collection *collection)
{
    bool is_start = true;
    str packed;
    TRY(read_block(filling, input, &packed));
    enum packing packing = packing_recognise(packed);
    input->unpacker = unpacker_open(packing);
    while (packed.n) {
        str piece = packing == PACKING_NONE ? packed : str_slice(packed, 0, UNPACK_PIECE_BYTES);
        packed = str_slice(packed, piece.n, packed.n);
        buf_clear(&input->text);
        TRY(unpacker_feed(filling->scope, input->unpacker, piece, &input->text));
        str text = buf_str(&input->text);
        str mark = S("\xef\xbb\xbf");
        text = is_start && str_starts(text, mark) ? str_slice(text, mark.n, text.n) : text;
        is_start &= text.n == 0;
        TRY(collection_feed(collection, text));
        if (packed.n == 0) {
            TRY(read_block(filling, input, &packed));
        }
    }
    TRY(unpacker_finish(filling->scope, input->unpacker));
    return collection_finish(collection);
}

static enum err fill(struct filling *filling)
{
    const struct ingest_options *options = filling->options;
    struct collection collection cleanup_with(collection_done) = {
        .scope = filling->scope, .shown_path = options->shown_path, .take = take, .user = filling};
    struct input *input = arena_new(&filling->scope->arena, struct input);
    input->descriptor = open(options->path, O_RDONLY | O_CLOEXEC);
    if (input->descriptor < 0) {
        return fail(filling->scope, ERR_FILE, "%s: it cannot be opened (%s)", options->shown_path,
                    strerror(errno));
    }
    enum err result = read_features(filling, input, &collection);
    unpacker_close(input->unpacker);
    buf_done(&input->text);
    close(input->descriptor);
    return result;
}

/* ---- features that are no JSON ---- */

static enum err check_features(struct filling *filling)
{
    struct scope *scope = filling->scope;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    struct json_fault fault = {.reason = S("it cannot be read")};
    const struct batch *row;
    sql_text(&sql, "select rowid + 1, j::varchar from raw where not json_valid(j::varchar) order "
                   "by rowid limit 1");
    TRY(db_run(scope, filling->lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (!row) {
        return ERR_OK;
    }
    int64_t number = column_cell(&row->columns[0], 0).number;
    json_find_fault(&scope->arena, column_cell(&row->columns[1], 0).text, &fault);
    return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_JSON_FEATURE,
                         SAYS(ARG_TEXT("file", str_from(filling->options->shown_path)),
                              argument_digits(&scope->arena, "feature", number), ARG_TEXT("reason", fault.reason)));
}

enum err source_load_features(struct scope *scope, struct db_lease *lease,
                              const struct ingest_options *options)
{
    struct filling *filling = arena_new(&scope->arena, struct filling);
    *filling = (struct filling){.scope = scope, .lease = lease, .options = options};
    TRY(db_script(scope, lease, "create or replace temp table raw (j json)"));
    TRY(open_append(filling));
    enum err result = fill(filling);
    if (result == ERR_OK && filling->rows) {
        result = append_rows(filling);
    }
    buf_done(&filling->texts);
    if (result == ERR_OK) {
        result = close_append(filling);
    }
    db_append_close(filling->append);
    TRY(result);
    return check_features(filling);
}
