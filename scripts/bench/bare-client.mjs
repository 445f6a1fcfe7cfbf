// The bare ssh2 client that lbctl is compared with: connects to all hosts at once and runs `true` on each.
//   node bare-client.mjs SETTINGS.json
// `short` in the settings: without the `none` request, and with the key's signature in its first offer.
import { createPrivateKey, sign } from "node:crypto"
import { readFileSync } from "node:fs"
import ssh2 from "ssh2"

const { hosts, port, user, key, algorithms, short } = JSON.parse(
  readFileSync(process.argv[2], "utf8"),
)
const privateKey = ssh2.utils.parseKey(readFileSync(key))
const secret = createPrivateKey(privateKey.getPrivatePEM())

await Promise.all(hosts.map(({ address }) => connect(address)))

function connect(host) {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    const login = short
      ? { authHandler: [{ type: "publickey", username: user, key: privateKey }] }
      : { privateKey }
    client
      .on("error", reject)
      .on("close", resolve)
      .on("ready", () =>
        client.exec("true", (error, channel) => {
          if (error) return reject(error)
          channel.on("close", (code) => (code === 0 ? client.end() : reject(code))).resume()
        }),
      )
      .connect({ host, port, username: user, algorithms, ...login })
    if (short) offerSigned(client._protocol)
  })
}

/** ssh2 would ask first whether the key is welcome. ed25519 signs without a hash of its own. */
function offerSigned(protocol) {
  const offer = protocol.authPK.bind(protocol)
  protocol.authPK = (name, publicKey, algorithm) =>
    offer(name, publicKey, algorithm, (data, done) => done(sign(undefined, data, secret)))
}
