import MotetRecommenders

extension GoldenModel {
    /// Ways of sharing between tasks beyond experts; `multitask.py` has them.
    static let multiTask: [GoldenModel] = []
}
