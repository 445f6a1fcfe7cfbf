import type { Rule } from "./rule.ts"

/** Rules on the tunnels of services that forward by tun. */
export const tunnelRules: readonly Rule[] = [
  {
    id: "tunnel-gue",
    set: "backend",
    severity: "warning",
    reason: "real servers receive gue by a socket that roles do not open (ip-fou(8))",
    find: ({ fleet, inService }) =>
      fleet.services.flatMap((service) => {
        const tunnel = service.backends.find((backend) => backend.tunnel?.type === "gue")?.tunnel
        if (tunnel?.port === undefined) return []
        return [
          {
            message: `the real servers of ${service.name} need a gue socket, which lbctl does not open`,
            hint: `on each of them: ip fou add port ${tunnel.port} gue, at every boot`,
            at: inService(service, "tunnel"),
          },
        ]
      }),
  },
]
