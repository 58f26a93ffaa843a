import Foundation
import MotetExperiments

/// Reads and warms models on threads of their own.
struct ModelLoader: Sendable {
    let engine: ExperimentEngine
    let settings: ServingSettings
    /// Reads what runs recommend; nil where they recommend nothing.
    var recommend: RecommendLoader?
    /// What sells ads by the runs; nil where they are not asked about ads.
    var sales: AdSales?
    /// The history that demand is forecast from; nil where the runs are not asked for forecasts.
    var forecasts: ForecastStore?
    /// Whether the runs are the server's own.
    var isOwn = true
    /// Whether decisions are asked of the runs, and they must have the tasks and the vocabularies.
    var decides = true

    /// Reads a run and compiles its model for every size of a request.
    ///
    /// - Parameter path: the run directory, or a link to one.
    /// - Returns: a model that answers at once.
    /// - Throws: what is wrong with the run.
    func load(_ path: String) async throws -> ServedModel {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { [engine, settings, recommend, sales, forecasts, isOwn, decides] in
                continuation.resume(
                    with: Result {
                        // Programs keep the number of threads they were compiled for.
                        engine.useThreads(settings.threadsPerRequest)
                        let model = try ServedModel(
                            path,
                            engine: engine,
                            workers: settings.workers,
                            precision: settings.precision,
                            isExact: settings.isExact,
                            items: settings.items,
                            // Nobody gets the answers of a shadow, which refuses nothing.
                            known: decides ? settings.knownValues : [],
                            catalogue: recommend.map { recommend in
                                { try recommend.catalogue(for: $0, isOwn: isOwn) }
                            }
                        )
                        if decides {
                            try settings.risk?.check(model)
                            try settings.outcomes?.check(model)
                        }
                        try sales?.check(model)
                        _ = try forecasts?.tasks(of: model)
                        try model.warm(
                            candidates: settings.limits.candidates,
                            workspaces: settings.workers
                        )
                        model.forecasts = try forecasts.map {
                            try ForecastTable($0, model, rows: settings.limits.candidates)
                        }
                        // Only the server's own run forecasts for users.
                        if let forecasts, isOwn, let table = model.forecasts {
                            forecasts.outcomes.said(table, model.version, forecasts)
                        }
                        // Only the server's own run is asked for prices.
                        if let price = settings.price, isOwn {
                            try PriceTask(price, model)
                                .warm(model, candidates: settings.limits.candidates)
                        }
                        return model
                    }
                )
            }
            thread.name = "motet-loader"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }
}
