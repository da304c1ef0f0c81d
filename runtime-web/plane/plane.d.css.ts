// The style sheet as text; the build minifies it.
declare const css: string;
export default css;
