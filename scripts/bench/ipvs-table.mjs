// One table, as ipvsadm, the agent and keepalived are told it.
const services = 1000
const servers = 10
const vip = (index) => `10.2.${index >> 8}.${index & 255}`
const server = (index) => `10.1.0.${index + 1}`
const numbers = (count) => Array.from({ length: count }, (_, index) => index)

/** What the table holds. */
export const size = {
  services,
  servers,
  firstVip: vip(0),
  lastVip: vip(services - 1),
  firstServer: server(0),
  /** Only the first service has it. */
  firstHost: "first",
}

/** For `ipvsadm -R`. */
export function rules() {
  return numbers(services)
    .map(
      (index) =>
        `-A -t ${vip(index)}:80 -s wlc\n${numbers(servers)
          .map((each) => `-a -t ${vip(index)}:80 -r ${server(each)}:80 -g -w 1\n`)
          .join("")}`,
    )
    .join("")
}

/** For `/etc/lbctl/agent.json`. */
export function agentState({ services: count = services, firstWeight = 1 }) {
  const state = { format: 1, services: numbers(count).map(serviceOf), vrrp: [], connectionSync: [] }
  return JSON.stringify(state)
  function serviceOf(index) {
    return {
      name: `service${index}`,
      cluster: "main",
      key: { kind: "address", protocol: "tcp", address: vip(index), port: 80 },
      scheduler: "wlc",
      flags: [],
      onePacket: false,
      quorum: { up: 1, hysteresis: 0 },
      inhibitOnFailure: false,
      drainTimeoutMs: 0,
      servers: numbers(servers).map((each) => ({
        host: index === 0 && each === 0 ? size.firstHost : `rs${each}`,
        address: server(each),
        port: 80,
        weight: index === 0 && each === 0 ? firstWeight : 1,
        upperThreshold: 0,
        lowerThreshold: 0,
        forwarding: "dr",
      })),
    }
  }
}

/** For keepalived: the same, without checks. */
export function keepalivedConf({ firstWeight = 1 }) {
  const one = (index) => `virtual_server ${vip(index)} 80 {
  lb_algo wlc
  lb_kind DR
  protocol TCP
${numbers(servers)
  .map(
    (each) =>
      `  real_server ${server(each)} 80 {\n    weight ${index === 0 && each === 0 ? firstWeight : 1}\n  }\n`,
  )
  .join("")}}
`
  return numbers(services).map(one).join("")
}
