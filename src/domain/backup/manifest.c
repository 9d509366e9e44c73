/*
 * The manifest is lines of JSON: what the backup is, a line for each file, and a last line with a digest of all
 * before it, so that damage to the manifest is found, too.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_read.h"
#include "base/json_write.h"
#include "domain/backup/internal.h"

#define PATH_PARTS_MOST 4
#define PART_BYTES_MOST 200
#define FACTS_BYTES_MOST 4096

/* ---- paths ---- */

static bool part_is_good(str part)
{
    bool good = part.n > 0 && part.n <= PART_BYTES_MOST && part.p[0] != '.';
    for (size_t i = 0; i < part.n && good; i++) {
        char c = part.p[i];
        good = is_ascii_letter(c) || is_ascii_digit(c) || c == '.' || c == '-' || c == '_';
    }
    return good;
}

bool entry_path_is_good(str path)
{
    static const char *const folders[] = {"records", "attachments", "uploads", "secrets"};
    str rest = path;
    str first;
    str part;
    size_t count = 1;
    if (str_eq(path, S("catalogue.sqlite")) || str_eq(path, S("parvis.conf"))) {
        return true;
    }
    if (!path.n || !str_split(&rest, '/', &first) || !rest.p) {
        return false;
    }
    bool good = false;
    for (size_t i = 0; i < ARRAY_LENGTH(folders); i++) {
        good |= str_eq(first, str_from(folders[i]));
    }
    while (good && rest.p && str_split(&rest, '/', &part)) {
        good = part_is_good(part) && ++count <= PATH_PARTS_MOST;
    }
    return good && count > 1;
}

static int compare_entries(const void *a, const void *b)
{
    return str_compare(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

void manifest_sort(struct manifest *manifest)
{
    if (manifest->entries.count) {
        qsort(manifest->entries.items, manifest->entries.count, sizeof(*manifest->entries.items),
              compare_entries);
    }
}

const struct entry *manifest_find(const struct manifest *manifest, str path)
{
    const struct entry wanted = {.path = path};
    return manifest->entries.count ? bsearch(&wanted, manifest->entries.items, manifest->entries.count,
                                             sizeof(wanted), compare_entries)
                                   : NULL;
}

/* ---- writing ---- */

static void write_facts(struct buf *out, const struct backup_facts *facts)
{
    struct json_writer json = json_writer_to(out);
    json_object_begin(&json);
    json_key_int(&json, S("format"), BACKUP_FORMAT);
    json_key_text(&json, S("program"), facts->program);
    json_key_int(&json, S("created"), facts->created);
    json_key_int(&json, S("generation"), facts->generation);
    json_key_int(&json, S("datasets"), facts->datasets);
    json_key_int(&json, S("versions"), facts->versions);
    json_key_int(&json, S("records"), facts->records);
    json_key_int(&json, S("files"), facts->files);
    json_key_int(&json, S("bytes"), facts->bytes);
    json_key_bool(&json, S("secrets"), facts->has_secrets);
    json_object_end(&json);
    buf_add_char(out, '\n');
}

static void write_entry(struct buf *out, struct arena *arena, const struct entry *entry)
{
    struct json_writer json = json_writer_to(out);
    json_object_begin(&json);
    json_key_text(&json, S("path"), entry->path);
    json_key_int(&json, S("bytes"), entry->bytes);
    json_key_int(&json, S("modified"), entry->modified);
    json_key_text(&json, S("sha256"), hex_encode(arena, entry->digest, DIGEST_BYTES));
    json_object_end(&json);
    buf_add_char(out, '\n');
}

enum err manifest_write(struct scope *scope, const struct manifest *manifest, const char *directory)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    uint8_t digest[DIGEST_BYTES];
    struct sink_file sink;
    struct work work = {.scope = scope};
    write_facts(&out, &manifest->facts);
    for (size_t i = 0; i < manifest->entries.count; i++) {
        write_entry(&out, &scope->arena, &manifest->entries.items[i]);
    }
    digest_sha256(buf_str(&out), digest);
    json_object_begin(&json);
    json_key_text(&json, S("sha256"), hex_encode(&scope->arena, digest, DIGEST_BYTES));
    json_object_end(&json);
    buf_add_char(&out, '\n');
    TRY(file_create(scope, directory, S(MANIFEST_NAME), &sink.file, &sink.name));
    enum err result = pump_to_file(&work, &sink, buf_str(&out));
    enum err ended = file_finish(scope, sink.file, sink.name, 0);
    return result == ERR_OK ? ended : result;
}

/* ---- reading ---- */

struct reading {
    struct scope *scope;
    const char *name;
    struct manifest *manifest;
};

static enum err damaged(const struct reading *reading, const char *what)
{
    return fail(reading->scope, ERR_DATA, "%s: the manifest of the backup is damaged (%s)", reading->name, what);
}

static int64_t number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

static enum err read_line(const struct reading *reading, str line, json_t **ret_object)
{
    TRY(json_read(reading->scope, ERR_DATA, line, "a line of the backup's manifest", ret_object));
    return json_is_object(*ret_object) ? ERR_OK : damaged(reading, "a line is no object");
}

static bool read_digest(const json_t *object, uint8_t ret_digest[DIGEST_BYTES])
{
    str text = json_read_text(json_object_get(object, "sha256"));
    bool good = text.n == 2 * DIGEST_BYTES;
    for (size_t i = 0; i < DIGEST_BYTES && good; i++) {
        int high = hex_digit(text.p[2 * i]);
        int low = hex_digit(text.p[2 * i + 1]);
        good = high >= 0 && low >= 0;
        ret_digest[i] = (uint8_t)((high << 4 | low) & 0xff);
    }
    return good;
}

static enum err read_facts(const struct reading *reading, str line)
{
    json_t *object cleanup_with(json_cleanup) = NULL;
    TRY(read_line(reading, line, &object));
    int64_t format = number_of(object, "format");
    if (format > BACKUP_FORMAT) {
        return fail(reading->scope, ERR_DATA,
                    "%s: the backup has format %lld, this version of parvis reads %d; use a later version",
                    reading->name, (long long)format, BACKUP_FORMAT);
    }
    struct backup_facts facts = {
        .program = str_copy(&reading->scope->arena, json_read_text(json_object_get(object, "program"))),
        .created = number_of(object, "created"),
        .generation = number_of(object, "generation"),
        .datasets = number_of(object, "datasets"),
        .versions = number_of(object, "versions"),
        .records = number_of(object, "records"),
        .files = number_of(object, "files"),
        .bytes = number_of(object, "bytes"),
        .has_secrets = json_is_true(json_object_get(object, "secrets"))};
    reading->manifest->facts = facts;
    return format == BACKUP_FORMAT && facts.files >= 0 && facts.bytes >= 0 && facts.created >= 0
               ? ERR_OK
               : damaged(reading, "the first line does not say what it is");
}

static enum err read_entry(const struct reading *reading, const json_t *object)
{
    struct manifest *manifest = reading->manifest;
    size_t count = manifest->entries.count;
    str path = json_read_text(json_object_get(object, "path"));
    struct entry entry = {.bytes = number_of(object, "bytes"), .modified = number_of(object, "modified")};
    if (!entry_path_is_good(path)) {
        return damaged(reading, "it names a file that no backup has");
    }
    if (count && str_compare(manifest->entries.items[count - 1].path, path) >= 0) {
        return damaged(reading, "files are not in their order");
    }
    if (entry.bytes < 0 || !read_digest(object, entry.digest)) {
        return damaged(reading, "a size or a checksum is missing");
    }
    entry.path = str_copy(&reading->scope->arena, path);
    vec_add(&reading->scope->arena, &manifest->entries, entry);
    return ERR_OK;
}

static enum err check_sum(const struct reading *reading, const json_t *object, str before)
{
    uint8_t digest[DIGEST_BYTES];
    uint8_t said[DIGEST_BYTES];
    int64_t bytes = 0;
    const struct manifest *manifest = reading->manifest;
    digest_sha256(before, digest);
    if (!read_digest(object, said) || memcmp(said, digest, DIGEST_BYTES) != 0) {
        return damaged(reading, "its own checksum differs");
    }
    for (size_t i = 0; i < manifest->entries.count; i++) {
        if (__builtin_add_overflow(bytes, manifest->entries.items[i].bytes, &bytes)) {
            return damaged(reading, "sizes");
        }
    }
    return bytes == manifest->facts.bytes && (int64_t)manifest->entries.count == manifest->facts.files
               ? ERR_OK
               : damaged(reading, "it has other files than its first line says");
}

enum err manifest_parse(struct scope *scope, const char *name, str text, struct manifest *ret_manifest)
{
    struct reading reading = {scope, name, ret_manifest};
    str rest = text;
    str line;
    *ret_manifest = (struct manifest){0};
    if (!str_split(&rest, '\n', &line)) {
        return damaged(&reading, "it is empty");
    }
    TRY(read_facts(&reading, line));
    while (rest.p && str_split(&rest, '\n', &line) && line.n) {
        json_t *object cleanup_with(json_cleanup) = NULL;
        TRY(read_line(&reading, line, &object));
        if (!json_object_get(object, "path")) {
            TRY(check_sum(&reading, object, (str){text.p, (size_t)(line.p - text.p)}));
            return rest.n == 0 ? ERR_OK : damaged(&reading, "something follows its end");
        }
        TRY(read_entry(&reading, object));
    }
    return damaged(&reading, "its end is missing");
}

static enum err open_manifest(struct scope *scope, const char *directory, int *ret_file, int64_t *ret_bytes)
{
    struct stat facts;
    bool found;
    str path = path_in(&scope->arena, directory, S(MANIFEST_NAME));
    TRY(file_open(scope, path.p, ret_file, &found));
    if (!found) {
        return fail(scope, ERR_FILE, "%s: no backup is there (%s is missing); a backup is a directory or a file "
                    "that parvis backup has made to its end", directory, MANIFEST_NAME);
    }
    bool good = fstat(*ret_file, &facts) == 0 && facts.st_size <= MANIFEST_BYTES_MOST;
    *ret_bytes = facts.st_size;
    if (!good) {
        close(*ret_file);
        return fail(scope, ERR_DATA, "%s: the manifest is too large", path.p);
    }
    return ERR_OK;
}

static enum err read_text(struct scope *scope, const char *directory, int64_t most, struct buf *text)
{
    int file;
    int64_t bytes;
    ssize_t n = 1;
    TRY(open_manifest(scope, directory, &file, &bytes));
    bytes = most && bytes > most ? most : bytes;
    while (n > 0 && (int64_t)text->n < bytes) {
        n = read(file, buf_reserve(text, (size_t)bytes - text->n), (size_t)bytes - text->n);
        text->n += n > 0 ? (size_t)n : 0;
    }
    close(file);
    return n < 0 ? file_failed(scope, directory, "its manifest cannot be read") : ERR_OK;
}

enum err manifest_read(struct scope *scope, const char *directory, struct manifest *ret_manifest)
{
    struct buf text cleanup_with(buf_cleanup) = {0};
    TRY(read_text(scope, directory, 0, &text));
    return manifest_parse(scope, directory, buf_str(&text), ret_manifest);
}

enum err manifest_read_facts(struct scope *scope, const char *directory, struct backup_facts *ret_facts)
{
    struct buf text cleanup_with(buf_cleanup) = {0};
    struct manifest manifest = {0};
    struct reading reading = {scope, directory, &manifest};
    str line;
    TRY(read_text(scope, directory, FACTS_BYTES_MOST, &text));
    str rest = buf_str(&text);
    if (!rest.n || !str_split(&rest, '\n', &line)) {
        return damaged(&reading, "it is empty");
    }
    TRY(read_facts(&reading, line));
    *ret_facts = manifest.facts;
    return ERR_OK;
}
