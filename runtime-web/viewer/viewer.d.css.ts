// The style sheet of the viewer as text, minified by the build.
declare const css: string;
export default css;
