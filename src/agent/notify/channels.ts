import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import type { Notification, Notifications } from "../../model/notifications.ts"
import { mailText } from "./mail-text.ts"
import { sendMail } from "./smtp.ts"
import { bodyText, subjectLine } from "./words.ts"

/** One attempt at most takes so long. */
export const deliveryMs = 20_000

/** One way to tell people; resolves when it is told, rejects with why not. */
export interface Channel {
  readonly name: "command" | "webhook" | "mail"
  readonly send: (notification: Notification) => Promise<void>
}

/** The channels that the definition names. */
export function channelsOf({ command, webhook, mail }: Notifications): Channel[] {
  return [
    ...(command === undefined
      ? []
      : [{ name: "command" as const, send: (told: Notification) => runCommand(command, told) }]),
    ...(webhook === undefined
      ? []
      : [{ name: "webhook" as const, send: (told: Notification) => post(webhook, told) }]),
    ...(mail === undefined
      ? []
      : [
          {
            name: "mail" as const,
            send: (told: Notification) => {
              const content = {
                subject: subjectLine(told),
                body: bodyText(told),
                date: new Date(),
                id: randomUUID(),
                host: told.host,
              }
              return sendMail(mail, mailText(mail, content), told.host, deliveryMs)
            },
          },
        ]),
  ]
}

/** The program reads the notification as JSON from its standard input; no shell is between. */
function runCommand([program = "", ...args]: readonly string[], told: Notification): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["pipe", "ignore", "pipe"],
      timeout: deliveryMs,
      killSignal: "SIGKILL",
    })
    let said = ""
    child.stderr.on(
      "data",
      (chunk: Buffer) => (said = `${said}${chunk.toString("utf8")}`.slice(0, 500)),
    )
    // A program that reads nothing breaks the pipe: its exit code is what counts.
    child.stdin.on("error", () => undefined)
    child.once("error", reject)
    child.once("exit", (code, signal) => {
      if (code === 0) resolve()
      else
        reject(new Error(`${program} ended with ${signal ?? `exit ${code}`} ${said.trim()}`.trim()))
    })
    child.stdin.end(JSON.stringify(told))
  })
}

async function post(url: string, told: Notification): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text: `${subjectLine(told)}\n${bodyText(told)}`, ...told }),
    redirect: "error",
    signal: AbortSignal.timeout(deliveryMs),
  })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`the server answered ${response.status}`)
}
