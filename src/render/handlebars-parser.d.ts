// The file that Handlebars' parser lies in; the package declares types (`hbs`) for the whole alone.
declare module "handlebars/dist/cjs/handlebars/compiler/base.js" {
  export function parse(text: string): hbs.AST.Program
}
