// The style sheet of the element as text, minified by the build.
declare const css: string;
export default css;
