/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to the service manager: one datagram each. */
#include "base/notify.h"
#include "base/err.h"
#include "base/span.h"
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int notify_send(const char *path, const char *message) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  if (!path || !*path) return 0;
  size_t n = strlen(path);
  if ((path[0] != '/' && path[0] != '@') || n >= sizeof to.sun_path) return ERR_IO;
  memcpy(to.sun_path, path, n);
  if (path[0] == '@') to.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return ERR_IO;
  socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (path[0] == '/'));
  ssize_t sent = sendto(fd, message, strlen(message), MSG_NOSIGNAL, (const struct sockaddr *)&to, len);
  close(fd);
  return sent < 0 ? ERR_IO : 0;
}

unsigned long long notify_interval(const char *watchdog_usec) {
  uint64_t us;
  if (!watchdog_usec || span_u64(span_str(watchdog_usec), &us) < 0 || us > UINT64_MAX / 1000) return 0;
  return us * 1000 / 2;
}
