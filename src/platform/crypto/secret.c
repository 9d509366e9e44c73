#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/crypto/crypto.h"

/* Without that the name could be lost with the power, and all that was sealed with the secret. */
static bool sync_directory(struct scope *scope, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *directory =
        slash ? str_cz(&scope->arena, (str){path, (size_t)(slash - path) + 1}) : ".";
    int handle = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = handle >= 0 && fsync(handle) == 0;
    if (handle >= 0) {
        close(handle);
    }
    return synced;
}

/* Made under a name of its own and linked, so that two processes end with the same secret. */
static enum err write_secret(struct scope *scope, const char *path, const uint8_t *secret, bool replaces)
{
    str temporary = str_printf(&scope->arena, "%s.%ld", path, (long)getpid());
    int file = open(temporary.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool written = file >= 0 && write(file, secret, SECRET_BYTES) == (ssize_t)SECRET_BYTES &&
                   fsync(file) == 0;
    int cause = errno;
    if (file >= 0) {
        close(file);
    }
    if (written && (replaces ? rename(temporary.p, path) != 0
                             : link(temporary.p, path) != 0 && errno != EEXIST)) {
        cause = errno;
        written = false;
    }
    unlink(temporary.p);
    if (written && !sync_directory(scope, path)) {
        cause = errno;
        written = false;
    }
    return written ? ERR_OK
                   : fail(scope, ERR_FILE, "%s: the secret cannot be written (%s)", path,
                          strerror(cause));
}

static enum err make(struct scope *scope, const char *path)
{
    uint8_t secret[SECRET_BYTES];
    random_bytes(secret, sizeof(secret));
    enum err result = write_secret(scope, path, secret, false);
    sodium_memzero(secret, sizeof(secret));
    return result;
}

enum err secret_file_put(struct scope *scope, const char *path, const uint8_t secret[SECRET_BYTES])
{
    return write_secret(scope, path, secret, true);
}

enum err secret_file(struct scope *scope, const char *path, uint8_t ret_secret[SECRET_BYTES])
{
    struct stat facts;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 && errno == ENOENT) {
        TRY(make(scope, path));
        file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    }
    if (file < 0) {
        return fail(scope, ERR_FILE, "%s: the secret cannot be read (%s)", path, strerror(errno));
    }
    bool is_private = fstat(file, &facts) == 0 && (facts.st_mode & 077) == 0;
    bool is_whole = is_private && facts.st_size == SECRET_BYTES &&
                    read(file, ret_secret, SECRET_BYTES) == SECRET_BYTES;
    close(file);
    if (!is_private) {
        return fail(scope, ERR_FILE,
                    "%s: others than its owner may read this secret; run chmod 600 on it", path);
    }
    return is_whole ? ERR_OK
                    : fail(scope, ERR_FILE,
                           "%s: %d bytes are expected; restore it from a backup, or remove it to "
                           "make a new one (everybody is then signed out)",
                           path, SECRET_BYTES);
}
