#include "domain/ingest/readable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "domain/ingest/foreign.h"
#include "domain/ingest/layers.h"
#include "domain/ingest/long_line.h"
#include "domain/ingest/packed.h"
#include "domain/ingest/sample.h"
#include "domain/ingest/sheets.h"
#include "domain/records/spool_files.h"
#include "platform/archive/zip_count.h"
#include "platform/i18n/explanation.h"
#include "platform/pack/unpack.h"
#include "platform/text/decode.h"

#define BLOCK_BYTES 65536

/* A file on its way: bytes come in, are unpacked and decoded, and go to the spooled copy. */
struct conversion {
    int input;
    const char *name;
    str start; /* read from input already, still packed */
    enum packing packing;
    enum encoding encoding;
    size_t mark_bytes; /* byte order mark of the unpacked text */
    int output;
    const char *path;
    uint64_t written;
    uint64_t most; /* of a sample; 0: all */
};

static enum err file_error(struct scope *scope, const char *path, const char *what)
{
    return fail_system(scope, errno, path, what);
}

static enum err write_all(struct scope *scope, struct conversion *conversion, str bytes)
{
    conversion->written += bytes.n;
    if (conversion->written > LIMIT_SPOOL_BYTES) {
        return fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_FILE_LARGE,
                             SAYS(ARG_TEXT("file", str_from(conversion->name)),
                                  argument_digits(&scope->arena, "most", LIMIT_SPOOL_BYTES >> 30)));
    }
    while (bytes.n) {
        ssize_t n = write(conversion->output, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return file_error(scope, conversion->path, "it cannot be written");
        }
        bytes = str_slice(bytes, (size_t)n, bytes.n);
    }
    return ERR_OK;
}

/* At most BLOCK_BYTES; less only at the end. */
static enum err read_block(struct scope *scope, int input, const char *name, char *block,
                           size_t *ret_filled)
{
    size_t filled = 0;
    while (filled < BLOCK_BYTES) {
        ssize_t n = read(input, block + filled, BLOCK_BYTES - filled);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return file_error(scope, name, "it cannot be read");
        }
        if (n == 0) {
            break;
        }
        filled += (size_t)n;
    }
    *ret_filled = filled;
    return ERR_OK;
}

struct converters {
    struct unpacker *unpacker;
    struct decoder *decoder; /* NULL: the text is UTF-8 */
    struct buf unpacked;
    struct buf decoded;
    size_t to_skip; /* of the byte order mark */
};

static enum err convert_block(struct scope *scope, struct conversion *conversion,
                              struct converters *converters, str packed, bool is_last)
{
    buf_clear(&converters->unpacked);
    TRY(unpacker_feed(scope, converters->unpacker, packed, &converters->unpacked));
    if (is_last) {
        TRY(unpacker_finish(scope, converters->unpacker));
    }
    str text = buf_str(&converters->unpacked);
    size_t skipped = converters->to_skip < text.n ? converters->to_skip : text.n;
    text = str_slice(text, skipped, text.n);
    converters->to_skip -= skipped;
    if (!converters->decoder) {
        return write_all(scope, conversion, text);
    }
    buf_clear(&converters->decoded);
    TRY(decoder_feed(scope, converters->decoder, text, is_last, &converters->decoded));
    return write_all(scope, conversion, buf_str(&converters->decoded));
}

/* What is packed comes in pieces, so that little is in memory whatever it unpacks to. */
static enum err convert_pieces(struct scope *scope, struct conversion *conversion, struct converters *converters, str bytes,
                               bool is_last)
{
    while (conversion->packing != PACKING_NONE && bytes.n > UNPACK_PIECE_BYTES) {
        TRY(convert_block(scope, conversion, converters, str_slice(bytes, 0, UNPACK_PIECE_BYTES), false));
        bytes = str_slice(bytes, UNPACK_PIECE_BYTES, bytes.n);
        if (conversion->most && conversion->written >= conversion->most) {
            return ERR_OK;
        }
    }
    return convert_block(scope, conversion, converters, bytes, is_last);
}

static enum err convert(struct scope *scope, struct conversion *conversion)
{
    struct converters converters = {
        .unpacker = unpacker_open(conversion->packing),
        .decoder = conversion->encoding == ENCODING_UTF8 ? NULL
                                                         : decoder_open(conversion->encoding),
        .to_skip = conversion->mark_bytes};
    char *block = arena_alloc(&scope->arena, BLOCK_BYTES);
    str bytes = conversion->start;
    enum err result = ERR_OK;
    for (bool is_last = false; result == ERR_OK;) {
        result = convert_pieces(scope, conversion, &converters, bytes, is_last);
        bool is_enough = conversion->most && conversion->written >= conversion->most;
        if (is_last || is_enough || result != ERR_OK) {
            break;
        }
        size_t filled = 0;
        result = read_block(scope, conversion->input, conversion->name, block, &filled);
        bytes = (str){block, filled};
        is_last = filled < BLOCK_BYTES;
    }
    unpacker_close(converters.unpacker);
    decoder_close(converters.decoder);
    buf_done(&converters.unpacked);
    buf_done(&converters.decoded);
    return result;
}

static enum err spool(struct scope *scope, struct conversion *conversion, const char *data)
{
    str spool_directory = str_printf(&scope->arena, "%s/spool", data);
    str path = spool_name(&scope->arena, spool_directory.p, "import");
    conversion->path = path.p;
    conversion->output = open(path.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (conversion->output < 0) {
        return file_error(scope, path.p, "it cannot be made");
    }
    enum err result = convert(scope, conversion);
    close(conversion->output);
    if (result != ERR_OK) {
        unlink(path.p);
    }
    return result;
}

/* The first unpacked bytes, by which format and encoding are recognised. */
static enum err unpack_start(struct scope *scope, const struct conversion *conversion,
                             str *ret_text)
{
    struct unpacker *unpacker = unpacker_open(conversion->packing);
    struct buf text = {0};
    enum err result = ERR_OK;
    for (size_t at = 0; at < conversion->start.n && text.n < BLOCK_BYTES && result == ERR_OK; at += UNPACK_PIECE_BYTES) {
        str piece = str_slice(conversion->start, at, at + UNPACK_PIECE_BYTES);
        result = unpacker_feed(scope, unpacker, piece, &text);
    }
    *ret_text = str_copy(&scope->arena, str_slice(buf_str(&text), 0, BLOCK_BYTES));
    unpacker_close(unpacker);
    buf_done(&text);
    return result;
}

/* The format by the first unpacked bytes; NULL: none. Text of two bytes a letter is known once it is decoded. */
static enum err recognise_format(struct scope *scope, const struct conversion *conversion, str text,
                                 const char **ret_format)
{
    bool is_wide =
        conversion->encoding == ENCODING_UTF16LE || conversion->encoding == ENCODING_UTF16BE;
    *ret_format = ingest_recognise(text);
    if (!is_wide || !*ret_format || strcmp(*ret_format, "csv") != 0) {
        return ERR_OK;
    }
    struct buf decoded cleanup_with(buf_cleanup) = {0};
    struct decoder *decoder = decoder_open(conversion->encoding);
    enum err result = decoder_feed(scope, decoder, str_slice(text, conversion->mark_bytes, text.n),
                                   false, &decoded);
    decoder_close(decoder);
    *ret_format = ingest_recognise(buf_str(&decoded));
    return result;
}

/* The engine unpacks by the ending of the name, and takes some characters for a pattern. */
static bool engine_can_open(str name, enum packing packing)
{
    bool is_pattern = str_find_char(name, '*', 0) != SIZE_MAX ||
                      str_find_char(name, '?', 0) != SIZE_MAX ||
                      str_find_char(name, '[', 0) != SIZE_MAX;
    bool says_gzip = str_ends(name, S(".gz"));
    bool says_zstd = str_ends(name, S(".zst"));
    return !is_pattern && says_gzip == (packing == PACKING_GZIP) &&
           says_zstd == (packing == PACKING_ZSTD);
}

static enum err check_sheet_options(struct scope *scope, const struct publish_options *options)
{
    bool has_any = options->sheet || options->header_row != SHEET_HEADER_FIND;
    return has_any ? fail_and_tell(scope, ERR_USAGE, MSG_FAULT_FILE_NO_WORKBOOK,
                                   SAYS(ARG_TEXT("file", str_from(readable_shown_path(options)))),
                                   "%s: %s is for workbooks (XLSX, ODS), and this is none",
                                   readable_shown_path(options), options->sheet ? "--sheet" : "--header-row")
                   : ERR_OK;
}

/* Before a library keeps something of each entry. */
static enum err check_archive(struct scope *scope, const struct publish_options *options, const char *path)
{
    char start[2] = {0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = file >= 0 ? pread(file, start, sizeof(start), 0) : 0;
    if (file >= 0) {
        close(file);
    }
    return n == sizeof(start) && memcmp(start, "PK", sizeof(start)) == 0
               ? zip_check_count(scope, path, readable_shown_path(options), LIMIT_ARCHIVE_ENTRIES)
               : ERR_OK;
}

/* Maps and workbooks; an archive may hold either, or a single file of another format. */
static enum err convert_binary(struct scope *scope, const struct publish_options *options, const char *data,
                               const char *path, const char *format, struct readable_file *ret)
{
    TRY(check_archive(scope, options, path));
    const char *inside = strcmp(format, "zip") == 0 ? book_recognise(path) : NULL;
    if (!inside && strcmp(format, "zip") == 0) {
        bool is_taken;
        TRY(packed_open(scope, options, data, path, ret, &is_taken));
        if (is_taken) {
            return ERR_OK;
        }
    }
    if (inside || sheets_know(format)) {
        TRY(sheets_convert(scope, options, data, path, inside ? inside : format, ret));
        ret->found = inside ? inside : format;
        return ERR_OK;
    }
    TRY(check_sheet_options(scope, options));
    return layers_convert(scope, options, data, path, format, ret);
}

/* The start of a text file is copied, and made whole where it was cut. */
static enum err take_sample(struct scope *scope, const char *data, const char *format, struct conversion *conversion,
                            bool *ret_is_cut)
{
    conversion->most = SAMPLE_BYTES;
    TRY(spool(scope, conversion, data));
    *ret_is_cut = conversion->written >= conversion->most;
    bool is_csv = strcmp(format, "csv") == 0;
    enum err result = is_csv ? long_line_check(scope, conversion->path, conversion->name) : ERR_OK;
    if (result == ERR_OK && *ret_is_cut) {
        result = sample_cut(scope, conversion->path, conversion->name, format);
    }
    if (result != ERR_OK) {
        unlink(conversion->path);
    }
    return result;
}

static bool is_larger_than_sample(const struct conversion *conversion)
{
    struct stat facts;
    return conversion->packing != PACKING_NONE || fstat(conversion->input, &facts) != 0 ||
           facts.st_size > SAMPLE_BYTES;
}

static enum err recognise(struct scope *scope, const struct publish_options *options,
                          const char *data, struct conversion *conversion,
                          struct readable_file *ret)
{
    str text;
    bool is_cut = false;
    conversion->packing = packing_recognise(conversion->start);
    TRY(unpack_start(scope, conversion, &text));
    conversion->encoding = encoding_recognise(text, &conversion->mark_bytes);
    const char *format = options->format;
    if (!format) {
        TRY(recognise_format(scope, conversion, text, &format));
    }
    if (format && strcmp(format, "ole") == 0) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_OLD_WORKBOOK,
                             SAYS(ARG_TEXT("file", str_from(conversion->name))));
    }
    if (!format) {
        return foreign_refuse(scope, text, conversion->name);
    }
    format = strcmp(format, "tsv") == 0 ? "csv" : format;
    bool is_parquet = strcmp(format, "parquet") == 0;
    bool is_layered = layers_know(format) || sheets_know(format);
    if (is_parquet || is_layered) {
        conversion->encoding = ENCODING_UTF8;
        conversion->mark_bytes = 0;
    }
    bool samples = options->sample_rows && !is_parquet && !is_layered && is_larger_than_sample(conversion);
    bool is_direct = conversion->input != STDIN_FILENO && !samples &&
                     conversion->encoding == ENCODING_UTF8 &&
                     !((is_parquet || is_layered) && conversion->packing != PACKING_NONE) &&
                     (is_layered || engine_can_open(str_from(options->path), conversion->packing));
    if (!is_direct) {
        TRY(samples ? take_sample(scope, data, format, conversion, &is_cut) : spool(scope, conversion, data));
    }
    if (is_layered) {
        enum err result = convert_binary(scope, options, data, is_direct ? options->path : conversion->path,
                                         format, ret);
        if (!is_direct) {
            unlink(conversion->path);
        }
        ret->found = ret->found ? ret->found : format;
        return result;
    }
    TRY(check_sheet_options(scope, options));
    *ret = (struct readable_file){.path = is_direct ? options->path : conversion->path,
                                  .format = format,
                                  .found = format,
                                  .is_compressed = is_direct && conversion->packing != PACKING_NONE,
                                  .is_spooled = !is_direct,
                                  .is_cut = is_cut};
    enum err result =
        !samples && strcmp(format, "csv") == 0 ? long_line_check(scope, ret->path, conversion->name) : ERR_OK;
    if (result != ERR_OK && !is_direct) {
        unlink(conversion->path);
    }
    return result;
}

/* As many lines to the byte as at the start. */
static int64_t guess_rows(const struct readable_file *file, str start)
{
    size_t lines = 0;
    for (size_t i = 0; i < start.n; i++) {
        lines += start.p[i] == '\n';
    }
    bool counts = strcmp(file->format, "csv") == 0 && !file->is_compressed;
    return counts ? (int64_t)((double)file->bytes / (double)start.n * (double)lines) : 0;
}

static enum err check_format(struct scope *scope, const char *format)
{
    static const char *const known[] = {"csv", "tsv", "json", "jsonl", "geojson", "parquet", "shp",
                                        "gpkg", "kml", "kmz", "fgb", "gpx", "topojson", "xlsx", "ods"};
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (!format || strcmp(format, known[i]) == 0) {
            return ERR_OK;
        }
    }
    return fail_and_tell(scope, ERR_USAGE, MSG_FAULT_FILE_FORMAT_NAME, SAYS(ARG_TEXT("format", str_from(format))),
                         "--format: '%s' was given; csv, tsv, json, jsonl, geojson, topojson, parquet, xlsx, ods, "
                         "shp, gpkg, kml, kmz, fgb or gpx is expected",
                         format);
}

static enum err open_input(struct scope *scope, const char *path, int *ret_input)
{
    struct stat facts;
    if (strcmp(path, "-") == 0) {
        *ret_input = STDIN_FILENO;
        return ERR_OK;
    }
    int input = open(path, O_RDONLY | O_CLOEXEC);
    if (input < 0) {
        return file_error(scope, path, "it cannot be opened");
    }
    if (fstat(input, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        close(input);
        return fail(scope, ERR_FILE, "%s: this is a directory; name a file", path);
    }
    *ret_input = input;
    return ERR_OK;
}

enum err readable_open(struct scope *scope, const struct publish_options *options,
                       const char *data, struct readable_file *ret)
{
    struct conversion conversion = {.name = readable_shown_path(options)};
    char *block = arena_alloc(&scope->arena, BLOCK_BYTES);
    size_t filled = 0;
    struct stat facts;
    TRY(check_format(scope, options->format));
    TRY(open_input(scope, options->path, &conversion.input));
    enum err result = read_block(scope, conversion.input, conversion.name, block, &filled);
    conversion.start = (str){block, filled};
    if (result == ERR_OK && filled == 0) {
        result =
            fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_EMPTY, SAYS(ARG_TEXT("file", str_from(conversion.name))));
    }
    if (result == ERR_OK) {
        result = recognise(scope, options, data, &conversion, ret);
    }
    if (result == ERR_OK && stat(ret->path, &facts) == 0) {
        ret->bytes = (uint64_t)facts.st_size;
        ret->rows_expected = guess_rows(ret, conversion.start);
    }
    if (conversion.input != STDIN_FILENO) {
        close(conversion.input);
    }
    return result;
}

/* Unpacks the file block by block into the survey. */
static enum err survey_text(struct scope *scope, int input, const char *name,
                            enum packing packing, struct encoding_survey *survey)
{
    struct unpacker *unpacker = unpacker_open(packing);
    struct buf text = {0};
    char *block = arena_alloc(&scope->arena, BLOCK_BYTES);
    size_t filled = BLOCK_BYTES;
    enum err result = ERR_OK;
    while (result == ERR_OK && filled == BLOCK_BYTES) {
        result = read_block(scope, input, name, block, &filled);
        size_t piece = packing == PACKING_NONE ? BLOCK_BYTES : UNPACK_PIECE_BYTES;
        for (size_t at = 0; at < filled && result == ERR_OK; at += piece) {
            buf_clear(&text);
            result = unpacker_feed(scope, unpacker, str_slice((str){block, filled}, at, at + piece), &text);
            encoding_survey_feed(survey, buf_str(&text));
        }
    }
    unpacker_close(unpacker);
    buf_done(&text);
    return result;
}

static enum err decode_again(struct scope *scope, const char *data, struct conversion *conversion,
                             struct readable_file *file)
{
    if (lseek(conversion->input, 0, SEEK_SET) != 0) {
        return file_error(scope, conversion->name, "it cannot be read again");
    }
    TRY(spool(scope, conversion, data));
    readable_close(file);
    file->path = conversion->path;
    file->is_spooled = true;
    file->is_compressed = false;
    return ERR_OK;
}

enum err readable_check_encoding(struct scope *scope, const struct publish_options *options,
                                 const char *data, struct readable_file *file, bool *ret_changed)
{
    struct encoding_survey survey = {0};
    struct conversion conversion = {.name = readable_shown_path(options), .encoding = ENCODING_WINDOWS_1252};
    char start[4];
    *ret_changed = false;
    TRY(open_input(scope, file->path, &conversion.input));
    ssize_t n = pread(conversion.input, start, sizeof(start), 0);
    conversion.packing = packing_recognise((str){start, n > 0 ? (size_t)n : 0});
    enum err result =
        survey_text(scope, conversion.input, conversion.name, conversion.packing, &survey);
    if (result == ERR_OK && survey.broken) {
        *ret_changed = encoding_of_survey(&survey) == ENCODING_WINDOWS_1252;
        result = *ret_changed
                     ? decode_again(scope, data, &conversion, file)
                     : fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_ENCODING_LINE,
                                     SAYS(ARG_TEXT("file", str_from(conversion.name)),
                                          argument_digits(&scope->arena, "line", (int64_t)survey.broken_line)));
    }
    close(conversion.input);
    return result;
}

const char *readable_shown_path(const struct publish_options *options)
{
    return options->shown_name                ? options->shown_name
           : strcmp(options->path, "-") == 0 ? "standard input" : options->path;
}

void readable_close(struct readable_file *file)
{
    if (file->is_spooled) {
        unlink(file->path);
    }
}
