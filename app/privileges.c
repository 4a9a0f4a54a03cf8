/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities by capset(2), system calls by seccomp(2) with a small BPF program. */
#include "app/privileges.h"
#include "base/err.h"

#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(struct conf_error *err, const char *what) {
  snprintf(err->text, sizeof err->text, "%s: %s", what, strerror(errno));
  return ERR_IO;
}

static int become(const char *user, struct conf_error *err) {
  errno = 0;
  const struct passwd *pw = getpwnam(user);
  if (!pw) {
    snprintf(err->text, sizeof err->text, "sensor.user: no user \"%s\"; create it or leave the option empty",
             user);
    return ERR_NOTFOUND;
  }
  prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
  if (setgroups(0, NULL) < 0 || setgid(pw->pw_gid) < 0 || setuid(pw->pw_uid) < 0)
    return fail(err, "sensor.user: cannot change user");
  return 0;
}

int privileges_drop(const char *user, struct conf_error *err) {
  int rc = user[0] ? become(user, err) : 0;
  if (rc < 0) return rc;
  struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct now[2] = {{0}};
  const uint32_t keep = 1u << CAP_NET_RAW;
  if (syscall(SYS_capget, &head, now) < 0) return fail(err, "cannot read capabilities");
  struct __user_cap_data_struct want[2] = {{now[0].permitted & keep, now[0].permitted & keep, 0}, {0}};
  if (syscall(SYS_capset, &head, want) < 0) return fail(err, "cannot drop capabilities");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return fail(err, "cannot forbid new privileges");
  return 0;
}

/* clang-format off */
static const int forbidden[] = {
  SYS_execve,      SYS_execveat,     SYS_ptrace,       SYS_mount,         SYS_umount2,        SYS_pivot_root,
  SYS_chroot,      SYS_init_module,  SYS_finit_module, SYS_delete_module, SYS_kexec_load,     SYS_reboot,
  SYS_swapon,      SYS_swapoff,      SYS_settimeofday, SYS_clock_settime, SYS_adjtimex,       SYS_bpf,
  SYS_perf_event_open, SYS_process_vm_readv, SYS_process_vm_writev, SYS_userfaultfd, SYS_keyctl, SYS_add_key,
  SYS_request_key, SYS_unshare,      SYS_setns,        SYS_fork,          SYS_vfork,          SYS_personality,
};
/* clang-format on */

int privileges_filter(struct conf_error *err) {
  enum { N = sizeof forbidden / sizeof *forbidden };
  struct sock_filter code[N + 5];
  unsigned n = 0;
  code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  /* system calls of another architecture carry other numbers: allow none of them */
  code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, N + 2);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (unsigned i = 0; i < N; i++)
    code[n++] =
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)forbidden[i], (uint8_t)(N - i), 0);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  struct sock_fprog prog = {(unsigned short)n, code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
    return fail(err, "cannot set the system-call filter (sensor.seccomp=false switches it off)");
  return 0;
}
