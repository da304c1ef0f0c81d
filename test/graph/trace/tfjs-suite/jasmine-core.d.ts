// Types of the parts of jasmine-core that the suite uses; the package ships none.
declare module 'jasmine-core/lib/jasmine-core/jasmine.js' {
  export interface SpecResult {
    readonly fullName: string;
    readonly status: string;
    readonly failedExpectations: readonly { readonly message: string }[];
  }
  export interface Environment {
    configure(options: { readonly random: boolean }): void;
    addReporter(reporter: { specDone(result: SpecResult): void }): void;
    execute(): Promise<unknown>;
  }
  interface Core {
    getEnv(options?: object): Environment;
  }
  const jasmine: {
    core(required: unknown): Core;
    interface(core: Core, environment: Environment): Record<string, unknown>;
  };
  export default jasmine;
}
