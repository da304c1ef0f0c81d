// The style sheet of the controls as text, minified by the build.
declare const css: string;
export default css;
