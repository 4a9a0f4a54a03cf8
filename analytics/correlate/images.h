/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of images: tags, layers and the images and nodes that they reached, registries. */
#ifndef ANALYTICS_CORRELATE_IMAGES_H
#define ANALYTICS_CORRELATE_IMAGES_H

#include "analytics/correlate/correlate.h"

enum { IMAGES_OF_LAYER = 16, IMAGE_NAME = 120 };

/** One call to a registry about an image. */
struct pull {
  struct span image, tag, digest;
  uint64_t name, key; /* of service and image; and tag */
  bool push, whole;   /* the manifest or blob itself, not its head */
};
struct tag {
  struct table_entry te;
  uint64_t digest, by; /* by: who pushed it last */
};
/* A layer, configuration or manifest by its digest. */
struct image_layer {
  struct table_entry te;
  struct addr_set nodes; /* that pulled it or an image with it */
  uint64_t first_ns, calls;
  char id[32]; /* of the asset that it belongs to: manifests and configurations */
  char image[IMAGES_OF_LAYER][IMAGE_NAME];
  uint32_t images;
};
struct depot { /* a registry */
  struct table_entry te;
  struct few pushers, pullers;
  uint32_t pushes;
};
struct trust { /* an image: was it ever asked for signatures */
  struct table_entry te;
  uint64_t pulled;
  bool sign, told;
  uint8_t node[16], server[16];
  uint16_t port;
  char image[IMAGE_NAME];
};
struct images {
  struct store tags, layers, depots, trusts;
  uint64_t ticked;
};

/** As the start and stop of the correlation, whose state this is. */
int images_start(void *state, struct correlate_ctx *cx);
void images_stop(void *state, struct correlate_ctx *cx, bool end);
/** Follow layers from image to image and node to node; tell of those that are denied. */
void images_lineage(struct images *st, struct correlate_ctx *cx, const struct api_event *e,
                    const struct pull *p);
/** A signature or attestation of the image was asked for. */
void images_signed(struct images *st, struct correlate_ctx *cx, const struct pull *p);
/** A manifest was pulled: someone should ask for its signature soon. */
void images_pulled(struct images *st, struct correlate_ctx *cx, const struct api_event *e,
                   const struct pull *p);
/** Tell of images whose signature nobody asked for. */
void images_unsigned(struct images *st, struct correlate_ctx *cx, uint64_t clock);

#endif
