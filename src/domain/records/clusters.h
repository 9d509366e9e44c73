/* Clusters of a map as they are handed from one engine function to the other. Private to this directory. */
#ifndef DOMAIN_RECORDS_CLUSTERS_H
#define DOMAIN_RECORDS_CLUSTERS_H

#include "platform/db/db.h"
#include "platform/geometry/cluster.h"

/** Value of the cluster that a cell belongs to, in what pack_clusters made; STR_NONE: of none. */
str clusters_find(str packed, int64_t wanted);

#endif
