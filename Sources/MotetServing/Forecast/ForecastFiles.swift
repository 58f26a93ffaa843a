import Foundation
import MotetCore
import MotetForecasting
import MotetTraining

/// The files of forecasts and of what was sold; one server has the folder.
///
/// `forecasts-2853.json` holds what was forecast from an origin, `sold.json` what was counted and reported. Each is written whole
/// under another name, and renamed.
struct ForecastFiles: Sendable {
    private let folder: String
    private let lock: LockedFolder

    /// Takes a folder, and makes it where there is none.
    init(_ folder: String) throws(ServingError) {
        self.folder = folder
        do { lock = try LockedFolder(folder) } catch {
            throw Self.failure(error.problem, folder, error.reason)
        }
    }

    /// Ends the use of the folder.
    func close() { lock.release() }

    /// Reads what is there.
    ///
    /// - Parameter period: how long a period of the history is.
    /// - Returns: the forecasts, and what was sold.
    /// - Throws: `ServingError` for a file that does not read, or of other periods.
    func read(_ period: SalesPeriod) throws(ServingError) -> ([KeptForecasts], SoldUnits) {
        do throws(ServingError) {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            var kept: [KeptForecasts] = []
            for name in names.sorted() where name.hasPrefix("forecasts-") && name.hasSuffix(".json")
            {
                let forecasts = try decoded(KeptForecasts.self, name)
                guard forecasts.period == period else {
                    throw ServingError(
                        .forecastUnusable,
                        "forecast.outcomes: \(folder)/\(name) is of forecasts by the \(forecasts.period.rawValue); expected "
                            + "those of the history, by the \(period.rawValue). Name another folder."
                    )
                }
                kept.append(forecasts)
            }
            let hasSold = names.contains("sold.json")
            return (kept, hasSold ? try decoded(SoldUnits.self, "sold.json") : SoldUnits())
        } catch {
            close()
            throw error
        }
    }

    private func decoded<Value: Decodable>(
        _ type: Value.Type,
        _ name: String
    ) throws(ServingError) -> Value {
        guard let data = FileManager.default.contents(atPath: folder + "/" + name) else {
            throw Self.failure("has a file \(name) that cannot be read", folder)
        }
        do {
            let form = try JSONDecoder().decode(FileForm.self, from: data).format
            guard form == FileForm.known else { throw Self.unknown(form, folder + "/" + name) }
            return try JSONDecoder().decode(type, from: data)
        } catch let error as ServingError { throw error } catch {
            throw ServingError(
                .forecastUnusable,
                "forecast.outcomes: \(folder)/\(name) does not read; expected what this server wrote; received other bytes. Take "
                    + "the folder from a backup, or begin a new one."
            )
        }
    }

    private static func unknown(_ form: Int, _ file: String) -> ServingError {
        ServingError(
            .forecastUnusable,
            "forecast.outcomes: \(file) has a form this version does not know; expected \(FileForm.known); received \(form). "
                + "Serve with the version that wrote it, or name another folder."
        )
    }

    /// Writes forecasts, in place of those of the same origin.
    func write(_ forecasts: KeptForecasts) throws(ServingError) {
        try write(forecasts, Self.name(forecasts.origin))
    }

    /// Writes what was sold.
    func write(_ sold: SoldUnits) throws(ServingError) { try write(sold, "sold.json") }

    /// Removes the forecasts of some origins.
    func remove(_ origins: Set<Int>) {
        for origin in origins { unlink(folder + "/" + Self.name(origin)) }
    }

    private static func name(_ origin: Int) -> String { "forecasts-\(origin).json" }

    private func write(_ value: some Encodable, _ name: String) throws(ServingError) {
        do {
            let data = try JSONEncoder().encode(value)
            try AtomicFile.write(folder + "/" + name) { sink in
                try data.withUnsafeBytes { try sink($0) }
            }
        } catch { throw Self.failure("cannot be written", folder, "\(error)") }
    }

    private static func failure(
        _ problem: String,
        _ folder: String,
        _ reason: String = String(cString: strerror(errno))
    ) -> ServingError {
        ServingError(
            .forecastUnusable,
            "forecast.outcomes: the folder \(folder) \(problem); expected one of its own on a disk with room; received \"\(reason)\"."
        )
    }
}

/// What each of the files says of its own form.
private struct FileForm: Decodable {
    /// The form that this version writes and reads.
    static let known = 1

    let format: Int
}
