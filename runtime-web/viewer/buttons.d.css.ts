// The style sheet of the buttons as text, minified by the build.
declare const css: string;
export default css;
