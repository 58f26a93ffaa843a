import MotetCore
public import MotetExperiments
import MotetOneDNN

extension ExperimentEngine {
    /// The CPU, with oneDNN.
    public static let oneDNN = ExperimentEngine(
        name: OneDNNBackend().name,
        threads: { OneDNNBackend.threadCount },
        useThreads: { OneDNNBackend.useThreads($0) },
        start: { recorded, measures in
            let choices = KernelChoices(recorded: try kernels(recorded), measures: measures)
            return Session(backend: OneDNNBackend(choices: choices)) {
                choices.snapshot.mapValues(\.rawValue)
            }
        },
        freeze: { precision, recorded in
            OneDNNBackend(
                frozen: try FrozenWeights(precision: precision),
                choices: KernelChoices(recorded: try kernels(recorded), measures: false)
            )
        }
    )

    private static func kernels(
        _ recorded: [String: String]
    ) throws -> [String: KernelChoices.Kernel] {
        try recorded.mapValues { name in
            guard let kernel = KernelChoices.Kernel(rawValue: name) else {
                let known = KernelChoices.Kernel.allCases.map(\.rawValue)
                throw ExperimentError(
                    .runInvalid,
                    "kernels: there is no kernel of a name; expected one of \(known); received "
                        + "`\(name)`." + Suggestion.sentence(for: name, in: known)
                )
            }
            return kernel
        }
    }
}
