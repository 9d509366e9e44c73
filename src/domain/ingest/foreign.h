/* Files that are no data, told by their first bytes: people should read what they have, not what they have not. */
#ifndef DOMAIN_INGEST_FOREIGN_H
#define DOMAIN_INGEST_FOREIGN_H

#include "base/scope.h"

/** Refuses a file of no format that is imported. start: its first bytes, unpacked. Returns ERR_DATA. */
enum err foreign_refuse(struct scope *scope, str start, const char *name);

#endif
