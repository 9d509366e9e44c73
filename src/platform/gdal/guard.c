#include "platform/gdal/guard.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/gdal/library.h"
#include "platform/i18n/explanation.h"

#define PREFIX "/vsiparvis/"

struct guarded_file {
    struct gdal_guard *guard;
    FILE *file;
    uint64_t at;    /* where GDAL stands */
    uint64_t place; /* where the file stands */
    uint64_t size;
    bool wrote, ended;
};

static _Thread_local struct gdal_guard *current;

static bool must_stop(const struct gdal_guard *guard)
{
    const struct scope *scope = guard->scope;
    return guard->is_closed || guard->fault || guard->bytes > guard->bytes_most || (scope->gone && *scope->gone) ||
           (scope->deadline && clock_monotonic() > scope->deadline);
}

/* Names come without the prefix: what is left is the path, on which GDAL 3.6 calls unlink and rename itself. */
static void *guarded_open(void *user, const char *path, const char *access)
{
    (void)user;
    struct stat status;
    FILE *stream = current ? fopen(path, access) : NULL;
    struct guarded_file *file = stream ? calloc(1, sizeof(*file)) : NULL;
    if (!file) {
        if (stream) {
            fclose(stream);
        }
        return NULL;
    }
    *file = (struct guarded_file){.guard = current, .file = stream};
    file->size = fstat(fileno(stream), &status) == 0 ? (uint64_t)status.st_size : 0;
    return file;
}

static vsi_l_offset guarded_tell(void *user)
{
    return ((struct guarded_file *)user)->at;
}

static int guarded_seek(void *user, vsi_l_offset offset, int whence)
{
    struct guarded_file *file = user;
    file->at = whence == SEEK_SET   ? offset
               : whence == SEEK_CUR ? file->at + offset
                                    : file->size + offset;
    file->ended = false;
    return 0;
}

/* Streams want a seek between reading and writing. */
static bool take_place(struct guarded_file *file, bool writes)
{
    if (file->place == file->at && file->wrote == writes) {
        return true;
    }
    file->wrote = writes;
    file->place = file->at;
    return fseeko(file->file, (off_t)file->at, SEEK_SET) == 0;
}

static void note_fault(struct gdal_guard *guard)
{
    guard->fault = guard->fault ? guard->fault : errno ? errno : EIO;
}

static size_t guarded_read(void *user, void *bytes, size_t size, size_t count)
{
    struct guarded_file *file = user;
    if (size == 0 || must_stop(file->guard) || !take_place(file, false)) {
        return 0;
    }
    size_t done = fread(bytes, 1, size * count, file->file);
    file->place = file->at += done;
    file->ended = done < size * count;
    return done / size;
}

static size_t guarded_write(void *user, const void *bytes, size_t size, size_t count)
{
    struct guarded_file *file = user;
    if (size == 0 || must_stop(file->guard) || !take_place(file, true)) {
        return 0;
    }
    errno = 0;
    size_t done = fwrite(bytes, 1, size * count, file->file);
    if (done < size * count) {
        note_fault(file->guard);
    }
    file->place = file->at += done;
    if (file->at > file->size) {
        file->guard->bytes += file->at - file->size;
        file->size = file->at;
    }
    return done / size;
}

static int guarded_eof(void *user)
{
    return ((struct guarded_file *)user)->ended;
}

static int guarded_flush(void *user)
{
    struct guarded_file *file = user;
    errno = 0;
    int result = fflush(file->file);
    if (result != 0) {
        note_fault(file->guard);
    }
    return result;
}

static int guarded_truncate(void *user, vsi_l_offset size)
{
    struct guarded_file *file = user;
    int result = fflush(file->file) == 0 ? ftruncate(fileno(file->file), (off_t)size) : -1;
    file->size = result == 0 ? size : file->size;
    return result;
}

static int guarded_close(void *user)
{
    struct guarded_file *file = user;
    errno = 0;
    int result = fclose(file->file);
    if (result != 0) {
        note_fault(file->guard);
    }
    free(file);
    return result;
}

static int guarded_stat(void *user, const char *path, VSIStatBufL *status, int flags)
{
    (void)user, (void)flags;
    return stat64(path, status);
}

static int guarded_unlink(void *user, const char *path)
{
    (void)user;
    return unlink(path);
}

static int guarded_rename(void *user, const char *from, const char *to)
{
    (void)user;
    return rename(from, to);
}

static int guarded_mkdir(void *user, const char *path, long mode)
{
    (void)user;
    return mkdir(path, (mode_t)mode);
}

static int guarded_rmdir(void *user, const char *path)
{
    (void)user;
    return rmdir(path);
}

static char **guarded_read_dir(void *user, const char *path, int most)
{
    (void)user;
    return gdal.VSIReadDirEx(path, most);
}

static void install(void)
{
    VSIFilesystemPluginCallbacksStruct *callbacks = gdal.VSIAllocFilesystemPluginCallbacksStruct();
    callbacks->stat = guarded_stat;
    callbacks->unlink = guarded_unlink;
    callbacks->rename = guarded_rename;
    callbacks->mkdir = guarded_mkdir;
    callbacks->rmdir = guarded_rmdir;
    callbacks->read_dir = guarded_read_dir;
    callbacks->open = guarded_open;
    callbacks->tell = guarded_tell;
    callbacks->seek = guarded_seek;
    callbacks->read = guarded_read;
    callbacks->eof = guarded_eof;
    callbacks->write = guarded_write;
    callbacks->flush = guarded_flush;
    callbacks->truncate = guarded_truncate;
    callbacks->close = guarded_close;
    gdal.VSIInstallPluginHandler(PREFIX, callbacks);
    gdal.VSIFreeFilesystemPluginCallbacksStruct(callbacks);
}

str gdal_guard_path(struct arena *arena, str path)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    return str_printf(arena, PREFIX "%.*s", STR_ARG(path));
}

void gdal_guard_set(struct gdal_guard *guard)
{
    current = guard;
}

enum err gdal_guard_check(struct gdal_guard *guard)
{
    TRY(scope_check(guard->scope));
    if (guard->fault) {
        return fail_in_words_because(guard->scope, ERR_FILE, str_from(strerror(guard->fault)),
                                     MSG_FAULT_EXPORT_NOT_WRITTEN, NULL);
    }
    return guard->bytes > guard->bytes_most
               ? fail_in_words(guard->scope, ERR_TOO_LARGE, MSG_FAULT_EXPORT_MOST,
                               SAYS(argument_digits(&guard->scope->arena, "most", (int64_t)(guard->bytes_most >> 30))))
               : ERR_OK;
}
