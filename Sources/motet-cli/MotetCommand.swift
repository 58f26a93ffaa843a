import ArgumentParser
import Foundation
import Motet

/// The program `motet`.
@main
struct MotetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "motet",
        abstract: "Multi-scenario, multi-task learning for e-commerce.",
        discussion: """
            An experiment is a YAML file: data, features, tasks, model, training. From files to a \
            measured model:

              motet train experiments/ple_markets.yaml --output runs/ple
              motet evaluate runs/ple --by scenario,task
              motet predict runs/ple --input new.csv --output predictions.csv
              motet serve runs/ple --port 8080

            Which data, and what an experiment may say:

              motet data list
              motet data fetch complete_journey --output data/complete_journey
              docs/configuration.md, docs/cli.md

            Exit codes: 0 done; 1 unexpected failure; 2 wrong use of the command line; 3 a mistake in \
            the configuration, the data or a run directory; 4 the training failed, such as a loss that \
            became NaN; 5 a file could not be written; 130 stopped by Ctrl-C.
            """,
        version: "motet \(MotetVersion.current) (\(ExperimentEngine.oneDNN.name))",
        subcommands: [
            TrainCommand.self, EvaluateCommand.self, ExplainCommand.self, CompareCommand.self,
            PredictCommand.self, VectorsCommand.self, InspectCommand.self, DataCommand.self,
            EmbedCommand.self, SimulateCommand.self, ServeCommand.self, LearnCommand.self,
            PolicyCommand.self,
        ]
    )

    /// Parses, runs, and turns every error into its sentence and an exit code.
    static func main() {
        OneDNNBackend.sleepWhenIdle()
        // A limit on the size of files is then an error of the write, not the end of the program.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
            checkOutput()
        } catch let error as any ReportableError {
            fail("\(error)", ExitStatus(for: error.code))
        } catch let status as ExitStatus {
            Foundation.exit(status.rawValue)
        } catch  where exitCode(for: error) == .success {
            print(fullMessage(for: error))
        } catch  where exitCode(for: error) == .validationFailure {
            fail(fullMessage(for: error), .usage)
        } catch {
            fail("motet: unexpected failure: \(error)", .unexpected)
        }
    }

    /// Brings what was printed to where it goes; a report that is cut off must not pass for whole.
    private static func checkOutput() {
        guard fflush(nil) != 0 else { return }
        let reason = String(cString: strerror(errno))
        fail(
            "standard output: cannot be written; expected room for all of the report; received "
                + "\"\(reason)\". Free some space or write it elsewhere.",
            .writing
        )
    }

    private static func fail(_ text: String, _ status: ExitStatus) -> Never {
        FileHandle.standardError.write(Data((text + "\n").utf8))
        Foundation.exit(status.rawValue)
    }
}
