/* Description files on the command line. */
#ifndef MAIN_DESCRIBE_H
#define MAIN_DESCRIBE_H

#include "domain/catalog/metadata_read.h"

/** Reads a description file, "-" is standard input, and prints its notes. Errors: ERR_FILE, ERR_METADATA. */
enum err read_description(struct scope *scope, const char *path, struct description *ret_description)
    must_check;

#endif
