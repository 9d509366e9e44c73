#include "domain/records/version.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/log.h"
#include "base/num.h"
#include "domain/catalog/catalog.h"
#include "domain/records/index.h"
#include "domain/records/kept.h"
#include "domain/records/postgres_version.h"
#include "domain/records/records.h"
#include "domain/records/spool_files.h"
#include "platform/i18n/explanation.h"

#define DEFAULT_MEMORY_BYTES ((uint64_t)1 << 30)
#define BUILDING_SUFFIX ".building"

struct version_build {
    struct scope scope; /* holds the paths */
    struct db *db;
    struct indexer *indexer;
    str directory;
    str final_path;
    str building_path;
    str spool;
    str temporary; /* directory of the engine */
    uint64_t memory_bytes;
    int threads;
    int lock; /* descriptor of the directory, locked */
    bool sealed;
    struct db *postgres; /* NULL: the file is the version */
    struct db_lease *link; /* with the dataset's lock */
    str uid;
    int64_t number;
    int64_t distributed_rows;
    str fetched; /* file of version_fetch; may be none */
};

static enum err system_error(struct scope *scope, str path, const char *what)
{
    return fail_system(scope, errno, str_cz(&scope->arena, path), what);
}

/* Whether the opened directory is still the one of that name; an empty one may have been removed. */
static bool is_current(int opened, str path)
{
    struct stat own;
    struct stat named;
    return fstat(opened, &own) == 0 && stat(path.p, &named) == 0 && own.st_ino == named.st_ino &&
           own.st_dev == named.st_dev;
}

/* build->lock is set only when the lock is held: without it the files are those of another import. */
static enum err lock_directory(struct scope *scope, struct version_build *build)
{
    if (mkdir(build->directory.p, 0750) != 0 && errno != EEXIST) {
        return system_error(scope, build->directory, "the directory cannot be made");
    }
    int directory = open(build->directory.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        return system_error(scope, build->directory, "the directory cannot be opened");
    }
    if (flock(directory, LOCK_EX | LOCK_NB) != 0 || !is_current(directory, build->directory)) {
        close(directory);
        return fail_in_words(scope, ERR_CONFLICT, MSG_FAULT_DATASET_IMPORTING, NULL);
    }
    build->lock = directory;
    return ERR_OK;
}

static enum err open_building_file(struct scope *scope, const struct version_options *options,
                                   struct version_build *build)
{
    build->indexer = indexer_new();
    size_t shared_count;
    const struct db_function *shared = indexer_functions(build->indexer, &shared_count);
    size_t count = shared_count + options->function_count;
    struct db_function *functions = arena_array(&build->scope.arena, struct db_function, count);
    memcpy(functions, shared, shared_count * sizeof(*shared));
    if (options->function_count) {
        memcpy(functions + shared_count, options->functions,
               options->function_count * sizeof(*functions));
    }
    const char *directories[] = {options->store->data_directory, options->source_directory, NULL};
    build->spool = str_printf(&build->scope.arena, "%s/spool", options->store->data_directory);
    build->temporary = spool_name(&build->scope.arena, build->spool.p, "engine");
    build->memory_bytes = options->memory_bytes ? options->memory_bytes : DEFAULT_MEMORY_BYTES;
    build->threads = options->threads;
    struct db_options db_options = {
        .engine = DB_DUCKDB,
        .path = build->building_path.p,
        .connections = 1,
        .threads = options->threads,
        .memory_bytes = build->memory_bytes,
        .temporary_directory = build->temporary.p,
        .allowed_directories = directories,
        .functions = functions,
        .function_count = count,
    };
    return db_open(scope, &db_options, &build->db);
}

static enum err open_postgres(struct scope *scope, const struct version_options *options,
                              struct version_build *build)
{
    TRY(postgres_open(scope, options->store->url, 1, &build->postgres));
    TRY(db_lease(scope, build->postgres, &build->link));
    return postgres_lock(scope, build->link, options->uid);
}

enum err version_begin(struct scope *scope, const struct version_options *options,
                       struct version_build **ret_build)
{
    struct version_build *build = calloc(1, sizeof(*build));
    if (!build) {
        bug_out_of_memory(sizeof(*build));
    }
    scope_open(&build->scope);
    struct arena *arena = &build->scope.arena;
    build->lock = -1;
    build->directory =
        str_printf(arena, "%s/records/%.*s", options->store->data_directory, STR_ARG(options->uid));
    build->final_path =
        catalog_version_path(arena, options->store->data_directory, options->uid, options->number);
    build->building_path = str_printf(arena, "%s%s", build->final_path.p, BUILDING_SUFFIX);
    build->uid = str_copy(arena, options->uid);
    build->number = options->number;
    build->distributed_rows = options->store->distributed_rows;
    enum err result = lock_directory(scope, build);
    if (result == ERR_OK && options->store->url) {
        result = open_postgres(scope, options, build);
    }
    if (result == ERR_OK) {
        unlink(build->building_path.p);
        unlink(str_printf(arena, "%s.wal", build->building_path.p).p);
        result = open_building_file(scope, options, build);
    }
    if (result != ERR_OK) {
        version_end(build);
        return result;
    }
    *ret_build = build;
    return ERR_OK;
}

struct db *version_db(struct version_build *build)
{
    return build->db;
}

static enum err sync_path(struct scope *scope, str path)
{
    int file = open(path.p, O_RDONLY | O_CLOEXEC);
    int failed = file < 0 || fsync(file) != 0;
    if (file >= 0) {
        close(file);
    }
    return failed ? system_error(scope, path, "it cannot be written to disk") : ERR_OK;
}

static enum err keep_file(struct scope *scope, struct version_build *build, int64_t *ret_bytes)
{
    db_close(build->db);
    build->db = NULL;
    struct stat facts;
    TRY(sync_path(scope, build->building_path));
    if (stat(build->building_path.p, &facts) != 0 ||
        rename(build->building_path.p, build->final_path.p) != 0) {
        return system_error(scope, build->building_path, "it cannot be renamed");
    }
    TRY(sync_path(scope, build->directory));
    build->sealed = true;
    *ret_bytes = facts.st_size;
    return ERR_OK;
}

static enum err index_records(struct scope *scope, struct version_build *build,
                              struct db_lease *lease, const struct schema *schema)
{
    struct index_options options = {.schema = schema,
                                    .table = S("records"),
                                    .threads = build->threads,
                                    .directory = build->spool.p,
                                    .memory_bytes = build->memory_bytes / 4};
    TRY(index_build(scope, lease, build->indexer, &options));
    return db_script(scope, lease, "checkpoint");
}

enum err version_seal(struct scope *scope, struct version_build *build,
                      const struct schema *schema, int64_t *ret_bytes)
{
    struct db_lease *lease = NULL;
    TRY(db_lease(scope, build->db, &lease));
    enum err result = index_records(scope, build, lease, schema);
    if (result == ERR_OK && build->postgres) {
        struct postgres_copy copy = {schema, build->uid, build->number, build->distributed_rows, NULL};
        result = postgres_send(scope, lease, S(""), build->link, &copy, ret_bytes);
    }
    db_release(lease);
    TRY(result);
    return build->postgres ? ERR_OK : keep_file(scope, build, ret_bytes);
}

enum err version_fetch(struct scope *scope, struct version_build *build, const struct schema *schema,
                       str uid, int64_t number, str *ret_path)
{
    struct postgres_copy copy = {.schema = schema, .uid = uid, .number = number};
    struct db *db = NULL;
    struct db_lease *lease = NULL;
    build->fetched = str_printf(&build->scope.arena, "%s.fetched", build->building_path.p);
    unlink(build->fetched.p);
    struct db_options options = {.engine = DB_DUCKDB, .path = build->fetched.p, .connections = 1,
                                 .threads = build->threads, .memory_bytes = build->memory_bytes};
    TRY(db_open(scope, &options, &db));
    enum err result = db_lease(scope, db, &lease);
    if (result == ERR_OK) {
        result = postgres_receive(scope, build->link, lease, &copy);
        db_release(lease);
    }
    db_close(db);
    *ret_path = build->fetched;
    return result;
}

void version_end(struct version_build *build)
{
    if (!build) {
        return;
    }
    db_close(build->db);
    db_release(build->link);
    db_close(build->postgres);
    indexer_free(build->indexer);
    if (build->fetched.p) {
        unlink(build->fetched.p);
    }
    if (build->temporary.p) {
        spool_remove(build->temporary.p);
    }
    if (!build->sealed && build->lock >= 0) {
        str wal = str_printf(&build->scope.arena, "%s.wal", build->building_path.p);
        unlink(build->building_path.p);
        unlink(wal.p);
    }
    if (build->lock >= 0) {
        rmdir(build->directory.p); /* only succeeds when nothing was published there */
        close(build->lock);
    }
    scope_close(&build->scope);
    free(build);
}

void version_cleanup(struct version_build **build)
{
    version_end(*build);
}

void version_delete(const char *data_directory, str uid, int64_t number)
{
    struct arena arena;
    arena_init(&arena, 0);
    str path = catalog_version_path(&arena, data_directory, uid, number);
    unlink(path.p);
    str rejects = str_printf(&arena, "%s.rejects.jsonl", path.p);
    unlink(rejects.p);
    unlink(kept_parquet_path(&arena, path).p);
    arena_done(&arena);
}

void version_delete_all(const char *data_directory, str uid)
{
    struct arena arena;
    arena_init(&arena, 0);
    str directory = str_printf(&arena, "%s/records/%.*s", data_directory, STR_ARG(uid));
    DIR *entries = opendir(directory.p);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        if (entry->d_name[0] != '.') {
            str path = str_printf(&arena, "%s/%s", directory.p, entry->d_name);
            unlink(path.p);
        }
    }
    if (entries) {
        closedir(entries);
    }
    rmdir(directory.p);
    arena_done(&arena);
}

/* "12.duckdb", "12.parquet" → 12; anything else is not a file of a version. */
static bool version_number(str name, int64_t *ret_number)
{
    str ending = str_ends(name, S(".parquet")) ? S(".parquet") : S(".duckdb");
    return str_ends(name, ending) &&
           num_read_int(str_slice(name, 0, name.n - ending.n), ret_number);
}

static size_t clean_directory(struct scope *scope, str directory, str uid,
                              bool (*is_known)(void *user, str uid, int64_t number), void *user)
{
    size_t removed = 0;
    int lock = open(directory.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (lock >= 0) {
            close(lock);
        }
        return 0;
    }
    DIR *entries = opendir(directory.p);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        str name = str_from(entry->d_name);
        int64_t number;
        bool is_debris = str_find(name, S(BUILDING_SUFFIX), 0) != SIZE_MAX ||
                         (version_number(name, &number) && !is_known(user, uid, number));
        if (is_debris) {
            str path = str_printf(&scope->arena, "%s/%s", directory.p, entry->d_name);
            if (unlink(path.p) == 0) {
                log_event(EV_DEBRIS_REMOVED, "%s", path.p);
                removed++;
            }
        }
    }
    if (entries) {
        closedir(entries);
    }
    rmdir(directory.p); /* only succeeds when nothing is left */
    close(lock);
    return removed;
}

size_t version_remove_debris(struct scope *scope, const char *data_directory,
                             bool (*is_known)(void *user, str uid, int64_t number), void *user)
{
    str spool = str_printf(&scope->arena, "%s/spool", data_directory);
    size_t removed = spool_remove_debris(spool.p);
    str root = str_printf(&scope->arena, "%s/records", data_directory);
    DIR *entries = opendir(root.p);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        if (entry->d_name[0] != '.') {
            str directory = str_printf(&scope->arena, "%s/%s", root.p, entry->d_name);
            removed += clean_directory(scope, directory, str_from(entry->d_name), is_known, user);
        }
    }
    if (entries) {
        closedir(entries);
    }
    return removed;
}
