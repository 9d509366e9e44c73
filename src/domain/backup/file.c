#define _XOPEN_SOURCE 700
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domain/backup/internal.h"

#define NANOSECONDS 1000000000
#define FOLDERS_OPEN 16

struct work work_begin(struct scope *scope, const struct backup_watch *watch)
{
    return (struct work){.scope = scope, .watch = watch, .buffer = arena_alloc(&scope->arena, COPY_BYTES)};
}

void work_count(struct work *work, int64_t bytes)
{
    work->done += bytes;
    if (work->watch && work->watch->progress) {
        work->watch->progress(work->watch->user, work->done, work->total);
    }
}

void work_tell(struct work *work, enum message message, const struct message_argument *arguments)
{
    if (work->watch && work->watch->tell) {
        struct remark line = remark_in_words(&work->scope->arena, message, arguments);
        work->watch->tell(work->watch->user, &line);
    }
}

void work_note(struct work *work, const char *format, ...)
{
    char line[512];
    va_list arguments;
    if (work->watch && work->watch->tell) {
        va_start(arguments, format);
        vsnprintf(line, sizeof(line), format, arguments);
        va_end(arguments);
        work->watch->tell(work->watch->user, &(struct remark){.text = str_from(line)});
    }
}

enum err file_failed(struct scope *scope, const char *path, const char *what)
{
    return fail_system(scope, errno, path, what);
}

str path_in(struct arena *arena, const char *directory, str path)
{
    return str_printf(arena, "%s/%.*s", directory, STR_ARG(path));
}

enum err file_open(struct scope *scope, const char *path, int *ret_file, bool *ret_found)
{
    struct stat facts;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    *ret_found = file >= 0;
    if (file < 0) {
        return errno == ENOENT || errno == ENOTDIR ? ERR_OK : file_failed(scope, path, "it cannot be read");
    }
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        close(file);
        return fail(scope, ERR_DATA, "%s: a file is expected there", path);
    }
    *ret_file = file;
    return ERR_OK;
}

enum err pump_to_file(struct work *work, void *sink_file, str bytes)
{
    const struct sink_file *sink = sink_file;
    while (bytes.n) {
        ssize_t n = write(sink->file, bytes.p, bytes.n);
        if (n < 0 && errno != EINTR) {
            return file_failed(work->scope, sink->name, "it cannot be written");
        }
        bytes = str_slice(bytes, n > 0 ? (size_t)n : 0, bytes.n);
    }
    return ERR_OK;
}

static enum err run_pump(struct work *work, const struct pump *pump, struct digest *digest)
{
    for (int64_t left = pump->bytes; left || !pump->may_grow;) {
        size_t wanted = left < (int64_t)COPY_BYTES ? (size_t)left : COPY_BYTES;
        ssize_t n = read(pump->from, work->buffer, wanted ? wanted : 1);
        TRY(scope_check(work->scope));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return file_failed(work->scope, pump->name, "it cannot be read");
        }
        if ((n == 0) != (left == 0)) {
            return fail(work->scope, ERR_DATA, "%s: it has %s than %lld bytes", pump->name, n ? "more" : "fewer",
                        (long long)pump->bytes);
        }
        if (n == 0) {
            return ERR_OK;
        }
        digest_feed(digest, (str){work->buffer, (size_t)n});
        if (pump->sink) {
            TRY(pump->sink(work, pump->user, (str){work->buffer, (size_t)n}));
        }
        left -= n;
        work_count(work, n);
    }
    return ERR_OK;
}

enum err file_pump(struct work *work, const struct pump *pump, uint8_t ret_digest[DIGEST_BYTES])
{
    struct digest *digest = digest_open();
    enum err result = run_pump(work, pump, digest);
    if (result == ERR_OK) {
        digest_finish(digest, ret_digest);
    }
    digest_close(digest);
    return result;
}

enum err file_copy(struct work *work, const struct pump *pump, const char *root, str path, int64_t modified,
                   uint8_t ret_digest[DIGEST_BYTES])
{
    struct sink_file sink;
    struct pump writing = *pump;
    TRY(file_create(work->scope, root, path, &sink.file, &sink.name));
    writing.sink = pump_to_file;
    writing.user = &sink;
    enum err result = file_pump(work, &writing, ret_digest);
    enum err ended = file_finish(work->scope, sink.file, sink.name, modified);
    return result == ERR_OK ? ended : result;
}

enum err file_make_parents(struct scope *scope, const char *root, str path)
{
    for (size_t at = str_find_char(path, '/', 0); at != SIZE_MAX; at = str_find_char(path, '/', at + 1)) {
        str directory = path_in(&scope->arena, root, str_slice(path, 0, at));
        if (mkdir(directory.p, 0700) != 0 && errno != EEXIST) {
            return file_failed(scope, directory.p, "the directory cannot be made");
        }
    }
    return ERR_OK;
}

enum err file_create(struct scope *scope, const char *root, str path, int *ret_file, const char **ret_name)
{
    str name = path_in(&scope->arena, root, path);
    TRY(file_make_parents(scope, root, path));
    *ret_file = open(name.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    *ret_name = name.p;
    return *ret_file >= 0 ? ERR_OK : file_failed(scope, name.p, "the file cannot be made");
}

enum err file_finish(struct scope *scope, int file, const char *name, int64_t modified)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                {.tv_sec = modified / NANOSECONDS, .tv_nsec = modified % NANOSECONDS}};
    bool good = (modified <= 0 || futimens(file, times) == 0) && fsync(file) == 0;
    enum err result = good ? ERR_OK : file_failed(scope, name, "it cannot be written");
    if (close(file) != 0 && result == ERR_OK) {
        result = file_failed(scope, name, "it cannot be written");
    }
    return result;
}

enum err directory_sync(struct scope *scope, const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = directory >= 0 && fsync(directory) == 0;
    enum err result = synced ? ERR_OK : file_failed(scope, path, "the directory cannot be synced");
    if (directory >= 0) {
        close(directory);
    }
    return result;
}

static int sync_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts;
    (void)place;
    if (kind != FTW_DP && kind != FTW_D) {
        return 0;
    }
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = directory >= 0 ? fsync(directory) : -1;
    if (directory >= 0) {
        close(directory);
    }
    return result;
}

enum err tree_sync(struct scope *scope, const char *path)
{
    return nftw(path, sync_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS) == 0
               ? ERR_OK
               : file_failed(scope, path, "its directories cannot be synced");
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

enum err tree_remove(struct scope *scope, const char *path)
{
    return nftw(path, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT
               ? ERR_OK
               : file_failed(scope, path, "it cannot be removed");
}

/* The lock is on the directory itself, which is made anew, so that a lock of one that was removed counts for nothing. */
enum err directory_take(struct scope *scope, const char *path, const char *what, int *ret_lock)
{
    struct stat ours;
    struct stat there;
    int lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (lock >= 0) {
        bool is_free = flock(lock, LOCK_EX | LOCK_NB) == 0;
        enum err removed = is_free ? tree_remove(scope, path) : ERR_OK;
        close(lock);
        TRY(removed);
        if (!is_free) {
            return fail(scope, ERR_CONFLICT, "%s: %s", path, what);
        }
    }
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return file_failed(scope, path, "the directory cannot be made");
    }
    lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    bool has = lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0 && fstat(lock, &ours) == 0 &&
               stat(path, &there) == 0 && ours.st_ino == there.st_ino;
    if (!has && lock >= 0) {
        close(lock);
    }
    *ret_lock = lock;
    return has ? ERR_OK : fail(scope, ERR_CONFLICT, "%s: %s", path, what);
}
