// The bare ssh2 client that plan is compared with: connects to all hosts at once and runs `true` on each.
//   node bare-client.mjs SETTINGS.json
import { readFileSync } from "node:fs"
import ssh2 from "ssh2"

const { hosts, port, user, key, algorithms } = JSON.parse(readFileSync(process.argv[2], "utf8"))
const privateKey = readFileSync(key)

await Promise.all(
  hosts.map(
    ({ address }) =>
      new Promise((resolve, reject) => {
        const client = new ssh2.Client()
        client
          .on("error", reject)
          .on("close", resolve)
          .on("ready", () =>
            client.exec("true", (error, channel) => {
              if (error) return reject(error)
              channel.on("close", (code) => (code === 0 ? client.end() : reject(code))).resume()
            }),
          )
          .connect({ host: address, port, username: user, privateKey, algorithms })
      }),
  ),
)
